// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import DallocCollector

struct RateComparisonTests {
    typealias Device = RateComparison.Device

    /// Most devices have no failures, a few have many: a Poisson number with a rate of its own for each device.
    private func fleet(_ count: Int, rate: Double, _ random: inout ModelRandom) -> [Device] {
        (0..<count).map { _ in
            let days = random.uniform(3.5, 7)
            let share = random.uniform() < 0.3 ? -log(1 - random.uniform()) / 0.3 : 0
            return Device(events: UInt64(random.poisson(min(300, rate * days * share))), days: days)
        }
    }

    @Test func aRateIsEventsOverDays() {
        let a = [
            Device(events: 3, days: 7), Device(events: 0, days: 7), Device(events: 9, days: 0),
            Device(events: 9, days: .nan),
        ]
        let b = [Device(events: 0, days: 6), Device(events: 12, days: 6)]
        let comparison = RateComparison(a, b)
        #expect(comparison.rateA == 3.0 / 14)
        #expect(comparison.rateB == 1)
        #expect(abs(comparison.ratio.value - 12.375 / 12 / (3.375 / 14)) < 1e-12)
        #expect(comparison == RateComparison(a, b), "the same every time")
    }

    /// Without events in n device-days the exact 99.9 % bound is ln(2000) / n events a day.
    @Test func noEventsBoundTheRateByTheDays() {
        let quiet = [Device](repeating: Device(events: 0, days: 10), count: 200)
        let comparison = RateComparison(quiet, quiet)
        #expect(comparison.rateA == 0 && comparison.difference.value == 0)
        let exact: Double = log(2000.0) / 2000
        #expect(comparison.difference.upper > exact && comparison.difference.upper < 1.5 * exact)
        let long = [Device](repeating: Device(events: 0, days: 100), count: 200)
        guard case .noDifference = RateComparison(long, long).verdict else {
            Issue.record("\(RateComparison(long, long).verdict)")
            return
        }
        guard case .notEnough = comparison.verdict else {
            Issue.record("\(comparison.verdict)")
            return
        }
    }

    @Test func fourTimesAsManyFailuresAreFound() {
        for seed in 0..<10 {
            var random = ModelRandom(seed: seed)
            let comparison = RateComparison(fleet(300, rate: 0.3, &random), fleet(300, rate: 1.2, &random))
            #expect(comparison.verdict == .higher, "seed \(seed)")
            #expect(comparison.ratio.lower <= 4 && comparison.ratio.upper >= 4)
        }
    }

    @Test func buildsThatAreAlikeAreNeverCalledDifferent() {
        for seed in 0..<20 {
            var random = ModelRandom(seed: seed)
            for rate in [0.003, 0.3] {
                let comparison = RateComparison(fleet(100, rate: rate, &random), fleet(100, rate: rate, &random))
                #expect(comparison.verdict != .higher && comparison.verdict != .lower, "seed \(seed)")
                #expect(comparison.ratio.lower <= 1 && comparison.ratio.upper >= 1)
            }
        }
    }

    /// One device that fails all day is no reason to call a build worse.
    @Test func oneBadDeviceIsNoBadBuild() {
        let good = [Device](repeating: Device(events: 0, days: 7), count: 100)
        let comparison = RateComparison(good, good.dropLast() + [Device(events: 500, days: 7)])
        #expect(comparison.verdict != .higher)
    }

    @Test func theFormulaGivesAboutWhatTheBootstrapGives() {
        var random = ModelRandom(seed: 1)
        let (a, b) = (fleet(1000, rate: 0.3, &random), fleet(1000, rate: 0.5, &random))
        let drawn = RateComparison(a, b)
        // Three of each device: the same rates, and an interval that is narrower by the root of three.
        let computed = RateComparison(a + a + a, b + b + b)
        #expect(abs(drawn.rateA - computed.rateA) < 1e-12)
        let (wide, narrow) = (
            drawn.difference.upper - drawn.difference.lower, computed.difference.upper - computed.difference.lower
        )
        #expect(abs(wide / narrow / 3.0.squareRoot() - 1) < 0.1)
    }

    @Test func extremesDoNoHarm() {
        let odd = [
            Device(events: .max, days: .leastNonzeroMagnitude), Device(events: .max, days: .greatestFiniteMagnitude),
            Device(events: 0, days: -1), Device(events: 1, days: .infinity), Device(events: 1, days: 1e-300),
        ]
        _ = RateComparison(odd, odd)
        _ = RateComparison(odd, odd, confidence: .nan, margin: .nan)
        #expect(RateComparison([], odd).verdict == .notEnough(more: 2))
        #expect(RateComparison([], []).rateA == 0)
    }
}
