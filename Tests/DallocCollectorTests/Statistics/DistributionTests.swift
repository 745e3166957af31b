// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import DallocCollector

struct DistributionTests {
    /// The tables in the back of every textbook.
    @Test func theNormalDistributionIsThatOfTheTables() {
        for (share, point) in [
            (0.5, 0), (0.975, 1.959963984540054), (0.995, 2.5758293035489004), (1e-6, -4.753424308822899),
        ] {
            #expect(abs(NormalDistribution.quantile(share) - point) < 1e-12)
            #expect(abs(NormalDistribution.cumulative(point) - share) < 1e-12)
        }
        #expect(NormalDistribution.quantile(0) == -.infinity && NormalDistribution.quantile(2) == .infinity)
        #expect(NormalDistribution.quantile(.nan).isNaN)
    }

    @Test func studentsTailIsThatOfTheTables() {
        for (t, degrees, tail) in [
            (12.7062, 1.0, 0.025), (2.2281, 10, 0.025), (2.7638, 10, 0.01), (4.5869, 10, 0.0005), (-2.2281, 10, 0.975),
        ] {
            #expect(abs(BetaDistribution.studentTail(t, degrees: degrees) - tail) < 1e-5)
        }
        #expect(abs(BetaDistribution.studentQuantile(tail: 0.005, degrees: 22) - 2.81876) < 1e-5)
        #expect(BetaDistribution.studentTail(.infinity, degrees: 5) == 0)
        #expect(BetaDistribution.studentTail(.nan, degrees: 5).isNaN)
    }

    @Test func theBinomialTailIsTheSumOfItsTerms() {
        for trials in [1, 5, 30, 200] {
            for probability in [0.01, 0.5, 0.93] {
                var term = 1.0
                for _ in 0..<trials { term *= 1 - probability }
                var sum = 0.0
                for successes in 0..<trials {
                    sum += term
                    let tail = BetaDistribution.binomial(atMost: successes, of: trials, probability: probability)
                    #expect(abs(tail - sum) < 1e-9, "\(successes) of \(trials) with \(probability)")
                    term *= Double(trials - successes) / Double(successes + 1) * probability / (1 - probability)
                }
            }
        }
    }
}
