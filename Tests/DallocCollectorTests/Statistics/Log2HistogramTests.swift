// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import DallocCollector

struct Log2HistogramTests {
    @Test func aBucketHoldsTheValuesOfItsBits() {
        for value: UInt64 in [0, 1, 2, 3, 4, 7, 8, 1023, 1024, 1 << 63, .max] {
            let range = Log2Histogram.range(of: Log2Histogram.bucket(of: value))
            #expect(range?.contains(value) == true)
        }
        #expect(Log2Histogram.range(of: 0) == 0...0)
        #expect(Log2Histogram.range(of: 4) == 8...15)
        #expect(Log2Histogram.range(of: 64) == (1 << 63)...UInt64.max)
        #expect(Log2Histogram.range(of: 65) == nil && Log2Histogram.range(of: -1) == nil)
    }

    @Test func theQuantileIsWithinItsBounds() throws {
        for seed in 0..<20 {
            var random = ModelRandom(seed: seed)
            let values = (0..<100).map { _ in UInt64(random.scale(1, 1e9)) - 1 }.sorted()
            var histogram = Log2Histogram()
            for value in values { histogram.add(value) }
            #expect(histogram.total == 100)
            for percent in [1, 10, 50, 90, 99, 100] {
                let bounds = try #require(histogram.bounds(Double(percent) / 100))
                let quantile = values[percent - 1]
                #expect(bounds.contains(quantile))
                let estimate = try #require(histogram.estimate(Double(percent) / 100))
                #expect(estimate >= Double(bounds.lowerBound) && estimate <= Double(bounds.upperBound))
            }
        }
    }

    @Test func halfOfABucketIsInItsMiddle() {
        let histogram = Log2Histogram(counts: [2, 0, 0, 0, 0, 0, 0, 4])
        #expect(histogram.bounds(0.3) == 0...0 && histogram.estimate(0.3) == 0)
        #expect(histogram.bounds(0.5) == 64...127)
        #expect(abs((histogram.estimate(2.0 / 3) ?? 0) - 96) < 1e-9)
        #expect(histogram.estimate(1) == 127)
    }

    @Test func sumsStopAtTheirLimit() {
        var histogram = Log2Histogram(counts: [UInt64](repeating: .max, count: 70))
        histogram.add(histogram)
        histogram.add(5, times: .max)
        #expect(histogram.counts.allSatisfy { $0 == 1 << 62 - 1 })
        #expect(histogram.total == .max)
        #expect(histogram.bounds(0.5) == Log2Histogram.range(of: 32))
        #expect(Log2Histogram().bounds(0.5) == nil && Log2Histogram().estimate(0.5) == nil)
        #expect(
            histogram.bounds(.nan) == nil && histogram.bounds(-5) == 0...0
                && histogram.bounds(.infinity) == (1 << 63)...UInt64.max)
    }
}
