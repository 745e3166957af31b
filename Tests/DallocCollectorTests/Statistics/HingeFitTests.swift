// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import DallocCollector

struct HingeFitTests {
    private let hours = (0..<200).map(Double.init)

    @Test func theKinkIsFoundExactlyWithoutNoise() throws {
        let fit = try #require(HingeFit(hours: hours, values: hours.map { 7 + 3 * max(0, $0 - 80) }))
        #expect(abs(fit.onset - 80) < 1)
        #expect(abs(fit.slope - 3) < 0.05)
        #expect(abs(fit.level - 7) < 1)
    }

    @Test func whatIsAboveForAQuarterOfTheTimeHardlyMovesIt() throws {
        for seed in 0..<10 {
            var random = ModelRandom(seed: seed)
            let values = hours.map { hour in
                7 + 3 * max(0, hour - 80) + random.uniform(-5, 5)
                    + (random.uniform() < 0.25 ? random.uniform(0, 1000) : 0)
            }
            let fit = try #require(HingeFit(hours: hours, values: values))
            #expect(abs(fit.onset - 80) < 20)
            #expect(abs(fit.slope - 3) < 0.5)
        }
    }

    @Test func whatDoesNotRiseHasNone() {
        #expect(HingeFit(hours: hours, values: hours.map { _ in 5 }) == nil)
        #expect(HingeFit(hours: hours, values: hours.map { 500 - $0 }) == nil)
        #expect(HingeFit(hours: [], values: []) == nil)
        #expect(HingeFit(hours: [1, 1], values: [1, 2]) == nil)
    }

    /// A first look at a few onsets throws away nothing that a whole one would keep.
    @Test func growthOfInterestIsSeenAtAGlance() throws {
        var (kept, thrownAway) = (0, 0)
        for seed in 0..<300 {
            var random = ModelRandom(seed: seed)
            let count = 20 + seed % 180
            let kind = ModelGroup.wellBehaved[seed % ModelGroup.wellBehaved.count]
            let group = ModelGroup.wellBehaved(kind, range: Double(count - 1), &random)
            let (onset, rate) = (random.uniform(0, Double(count)), seed % 2 == 0 ? random.scale(1, 2000) : 0)
            let hours = (0..<count).map(Double.init)
            let values = hours.map { group.bytes($0, &random) + rate * max(0, $0 - onset) }
            let glance = HingeFit(hours: hours, values: values, leastAboveScatter: 2)
            if let fit = HingeFit(hours: hours, values: values),
                fit.slope * (Double(count - 1) - fit.onset) >= 2 * fit.scatter(hours, values)
            {
                #expect(glance == fit, "\(kind), seed \(seed)")
                kept += 1
            } else if glance == nil {
                thrownAway += 1
            }
        }
        #expect(kept > 50)
        #expect(thrownAway > 50)
    }
}
