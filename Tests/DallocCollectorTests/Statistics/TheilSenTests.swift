// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import DallocCollector

struct TheilSenTests {
    /// Helsel and Hirsch, Statistical Methods in Water Resources (1992), 10.1, example 1: one outlier among a line.
    @Test func anOutlierDoesNotMoveTheSlope() throws {
        let hours = (1...7).map(Double.init)
        let values: [Double] = [1, 2, 3, 4, 5, 16, 7]
        let fit = try #require(TheilSen(hours: hours, values: values, confidence: 0.95))
        #expect(fit.slope == 1)
        let kendall = KendallTrend(values)
        #expect(kendall.score == 19)
        #expect(abs(kendall.variance - 44.333) < 0.001)
        #expect(abs(kendall.standardScore() - 18 / 44.3333.squareRoot()) < 1e-3)
    }

    @Test func tiesMakeTheScoreVaryLess() {
        // (6 · 5 · 17 − 2 · 1 · 9 − 3 · 2 · 11) / 18, as of Kendall.
        let tied = KendallTrend([1, 1, 2, 2, 2, 3])
        #expect(tied.score == 11)
        #expect(abs(tied.variance - 426.0 / 18) < 1e-12)
        #expect(KendallTrend([5, 5, 5]).variance == 0)
        #expect(KendallTrend([5, 5, 5]).standardScore() == 0)
        #expect(KendallTrend.midranks([30, 10, 20, 10]) == [4, 1.5, 3, 1.5])
    }

    /// scipy.stats.theilslopes(y, x, 0.95) of these, with ties in y and gaps in x: 2.0000, 1.2500, 2.3636.
    @Test func theBoundsAreSens() throws {
        let hours: [Double] = [0, 1, 2, 3, 5, 6, 8, 9, 10, 13, 14, 15]
        let values: [Double] = [3, 8, 5, 9, 13, 9, 22, 17, 23, 31, 23, 35]
        let fit = try #require(TheilSen(hours: hours, values: values, confidence: 0.95, isSerial: false))
        #expect(fit.slope == 2.0)
        #expect(abs(fit.lower - 1.25) < 1e-9)
        #expect(abs(fit.upper - 2.3636363636363638) < 1e-9)
    }

    @Test func theSlopeIsThatOfAllPairs() throws {
        for seed in 0..<25 {
            var random = ModelRandom(seed: seed)
            let count = 2 + seed
            let hours = (0..<count).map { _ in (random.uniform() * 40).rounded() }.sorted()
            let values = (0..<count).map { _ in (random.uniform() * 20).rounded() }
            var slopes: [Double] = []
            for left in 0..<count {
                for right in 0..<count where hours[left] < hours[right] {
                    slopes.append((values[right] - values[left]) / (hours[right] - hours[left]))
                }
            }
            slopes.sort()
            let fit = TheilSen(hours: hours, values: values, confidence: 0.9)
            guard !slopes.isEmpty else {
                #expect(fit == nil)
                continue
            }
            #expect(
                abs((fit?.slope ?? .nan) - (slopes[(slopes.count - 1) / 2] + slopes[slopes.count / 2]) / 2) < 1e-12)
            for rank in slopes.indices {
                var shuffled = slopes.shuffled(using: &random)
                #expect(OrderStatistic.select(rank, of: &shuffled) == slopes[rank])
            }
        }
    }

    /// Serial noise without the correction: the bounds miss the slope most of the time.
    @Test func theBoundsHoldForSerialNoise() throws {
        var covered = 0
        var coveredWithout = 0
        for seed in 0..<60 {
            var random = ModelRandom(seed: seed)
            var noise = 0.0
            let hours = (0..<100).map(Double.init)
            let values = hours.map { hour in
                noise = 0.8 * noise + random.normal()
                return 0.1 * hour + noise
            }
            let fit = try #require(TheilSen(hours: hours, values: values, confidence: 0.95))
            if fit.lower <= 0.1, fit.upper >= 0.1 { covered += 1 }
            let naive = try #require(TheilSen(hours: hours, values: values, confidence: 0.95, isSerial: false))
            if naive.lower <= 0.1, naive.upper >= 0.1 { coveredWithout += 1 }
        }
        #expect(covered >= 50)
        #expect(coveredWithout < 42)
    }

    @Test func aSeriesOfOneTimeHasNoSlope() {
        #expect(TheilSen(hours: [], values: [], confidence: 0.95) == nil)
        #expect(TheilSen(hours: [1, 1, 1], values: [1, 2, 3], confidence: 0.95) == nil)
        let two = TheilSen(hours: [1, 2], values: [1, 3], confidence: 0.95)
        #expect(two?.slope == 2 && two?.lower == -.infinity && two?.upper == .infinity)
    }
}
