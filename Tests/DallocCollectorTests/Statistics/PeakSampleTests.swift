// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import DallocCollector

struct PeakSampleTests {
    /// The first sample sizes for tolerance bounds that every table has (Wilks 1941; MIL-HDBK-5 for 95/95).
    @Test func boundsNeedAsManyValuesAsTheTablesSay() {
        for (share, confidence, needed) in [
            (0.95, 0.95, 59), (0.9, 0.95, 29), (0.99, 0.95, 299), (0.999, 0.95, 2995), (0.99, 0.9, 230),
        ] {
            #expect(Quantile.needed(share: share, confidence: confidence) == needed)
            #expect(Quantile.rank(count: needed, share: share, confidence: confidence) == needed)
            #expect(Quantile.rank(count: needed - 1, share: share, confidence: confidence) == nil)
        }
        // With 93 values the second highest is enough for 95/95, with 124 the third.
        #expect(Quantile.rank(count: 93, share: 0.95, confidence: 0.95) == 92)
        #expect(Quantile.rank(count: 92, share: 0.95, confidence: 0.95) == 92)
        #expect(Quantile.rank(count: 124, share: 0.95, confidence: 0.95) == 122)
    }

    @Test func aQuantileIsTheSmallestValueThatIsEnough() {
        let sample = PeakSample((1...1000).map { UInt64($0) * 10 }.reversed())
        let found = sample.quantile(0.9)
        #expect(found?.value == 9000)
        #expect(found?.bound == 9160)
        #expect(found?.needed == 29 && found?.count == 1000)
        #expect(sample.quantile(0.999)?.value == 9990)
        #expect(sample.quantile(0.999)?.bound == nil)
        #expect(sample.quantile(0)?.value == 10 && sample.quantile(0)?.bound == 10)
        #expect(sample.quantile(1)?.value == 10_000 && sample.quantile(1)?.bound == nil)
        #expect(sample.quantile(1)?.needed == .max)
        #expect(PeakSample([]).quantile(0.5) == nil)
    }

    /// The bound is at or above the true quantile in 95 % of samples: of 300, in 270 to 298.
    @Test func theBoundHoldsAsOftenAsItSays() {
        var held = 0
        for seed in 0..<300 {
            var random = ModelRandom(seed: seed)
            let sample = PeakSample((0..<200).map { _ in UInt64(random.uniform() * 1_000_000) })
            if let bound = sample.quantile(0.9)?.bound, bound >= 900_000 { held += 1 }
        }
        #expect(held >= 270 && held <= 298, "\(held)")
    }

    /// Clopper and Pearson: 8 of 10 are between 0.4439 and 0.9748.
    @Test func theShareThatIsEnoughHasExactBounds() {
        let sample = PeakSample((1...10).map { UInt64($0) })
        let share = sample.share(enough: 8)
        #expect(share.value == 0.8)
        #expect(abs(share.lower - 0.44390) < 1e-5)
        #expect(abs(share.upper - 0.97479) < 1e-5)
        #expect(sample.share(enough: 0).value == 0 && sample.share(enough: 0).lower == 0)
        #expect(abs(sample.share(enough: 0).upper - 0.30850) < 1e-5)
        #expect(sample.share(enough: .max).value == 1 && sample.share(enough: .max).upper == 1)
        #expect(PeakSample([]).share(enough: 5) == Estimate(value: 0, lower: 0, upper: 1))
    }

    @Test func theBoundOfAQuantileIsEnoughForItsShare() throws {
        for seed in 0..<20 {
            var random = ModelRandom(seed: seed)
            let sample = PeakSample((0..<3000).map { _ in UInt64(20_000 * exp(0.2 * random.normal())) })
            let found = try #require(sample.quantile(0.999))
            let bound = try #require(found.bound)
            #expect(bound >= found.value)
            #expect(sample.share(enough: bound).value >= 0.999)
            #expect(sample.share(enough: found.value).value >= 0.999)
            #expect(sample.share(enough: found.value - 1).value < 0.999)
        }
    }

    @Test func extremesDoNoHarm() {
        let sample = PeakSample([.max, 0, .max])
        for share in [-1, 0, 0.5, 1, 2, .nan, .infinity] as [Double] {
            for confidence in [-1, 0, 0.5, 1, 2, .nan] as [Double] {
                _ = sample.quantile(share, confidence: confidence)
                _ = sample.share(enough: 5, confidence: confidence)
            }
        }
    }
}
