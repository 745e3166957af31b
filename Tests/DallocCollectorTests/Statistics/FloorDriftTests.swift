// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import DallocCollector

struct FloorDriftTests {
    /// What is thrown away early would have been thrown away later.
    @Test func noSeriesWithAClearEndIsThrownAway() {
        var (clear, thrownAway) = (0, 0)
        for seed in 0..<400 {
            var random = ModelRandom(seed: seed)
            let count = 6 + seed % 43
            let kind = ModelGroup.wellBehaved[seed % ModelGroup.wellBehaved.count]
            let group = ModelGroup.wellBehaved(kind, range: Double(count - 1), &random)
            let (onset, rate) = (random.uniform(0, Double(count)), seed % 2 == 0 ? random.scale(1, 5000) : 0)
            let values = (0..<count).map { hour in
                group.bytes(Double(hour), &random) + rate * max(0, Double(hour) - onset)
            }
            let hasClearEnd = (0...count - 6).contains { FloorDrift.clearest(values[$0...]).chance <= 0.001 }
            let mayBeClear = FloorDrift.mayBeClear(values, fewest: 6)
            #expect(mayBeClear || !hasClearEnd, "\(kind), seed \(seed)")
            clear += hasClearEnd ? 1 : 0
            thrownAway += mayBeClear ? 0 : 1
        }
        #expect(clear > 80)
        #expect(thrownAway > 80)
    }

    @Test func ofTooFewValuesNothingIsClear() {
        #expect(!FloorDrift.mayBeClear([], fewest: 6))
        #expect(!FloorDrift.mayBeClear([1, 2, 3], fewest: 6))
        #expect(FloorDrift.mayBeClear([1, 2, 3, 4, 5, 6], fewest: 6))
        #expect(!FloorDrift.mayBeClear([6, 5, 4, 3, 2, 1], fewest: 6))
    }
}
