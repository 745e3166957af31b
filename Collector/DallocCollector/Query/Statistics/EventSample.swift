// SPDX-License-Identifier: Apache-2.0
//
// How often something happens on the devices of a sample, and how sure that is.

/// How much more the number of events varies than a Poisson number is told by ``resamples`` bootstrap samples of devices (Efron 1979), on
/// the scale of square roots, where few events deceive least (Anscombe 1948); for more than ``mostResampled`` devices by the variance of
/// the ratio estimator (Cochran, Sampling Techniques, 6.4), which then gives the same and costs nothing. The interval is that of a
/// Poisson number, by Byar's formula (Breslow and Day 1987, 2.3), as if there were fewer events by that factor.
struct EventSample: Sendable {
    /// Those that were heard of for some time.
    let devices: [(events: Double, days: Double)]
    let events: Double
    let days: Double

    static let resamples = 500
    static let mostResampled = 2000

    init(_ devices: [RateComparison.Device]) {
        self.devices = devices.filter { $0.days > 0 && $0.days.isFinite }.map { (Double($0.events), $0.days) }
        events = self.devices.reduce(0) { $0 + $1.events }
        days = self.devices.reduce(0) { $0 + $1.days }
    }

    /// Events per device-day; 0 without days.
    var rate: Double { days > 0 ? events / days : 0 }

    /// Of the rate, with 3/8 of an event more, so that it is above 0.
    /// - Parameter quantile: how many standard deviations the bounds are away.
    func interval(quantile: Double) -> Estimate {
        let dispersion = dispersion
        func byar(_ count: Double, _ deviations: Double) -> Double {
            guard count > 0 else { return 0 }
            let root = max(0, 1 - 1 / (9 * count) + deviations / (3 * count.squareRoot()))
            return count * root * root * root * dispersion / days
        }
        let effective = events / dispersion
        let value = (events + 0.375) / days
        return Estimate(
            value: value, lower: min(byar(effective, -quantile), value),
            upper: max(byar(effective + 1, quantile), value))
    }

    /// The variance of the number of events over that of a Poisson number; at least 1.
    private var dispersion: Double {
        max(1, devices.count > Self.mostResampled ? ratioEstimated : bootstrapped)
    }

    private var ratioEstimated: Double {
        let count = Double(devices.count)
        let squares = devices.reduce(0) { $0 + ($1.events - rate * $1.days) * ($1.events - rate * $1.days) }
        return squares * count / (count - 1) / (events + 0.375)
    }

    private var bootstrapped: Double {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        var (sum, squares) = (0.0, 0.0)
        for _ in 0..<Self.resamples {
            var (events, days) = (0.375, 0.0)
            for _ in devices.indices {
                // Xorshift (Marsaglia 2003): fast in debug builds too, and good enough to draw with.
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                // Below 2^32 times below 2^32: nothing is lost.
                let product = (state >> 32) &* UInt64(devices.count)
                let drawn = devices[Int(truncatingIfNeeded: product >> 32)]
                events += drawn.events
                days += drawn.days
            }
            sum += (events / days).squareRoot()
            squares += events / days
        }
        let mean = sum / Double(Self.resamples)
        // The root of a Poisson number over some days has a variance of 1/4 over the days.
        return 4 * days * (squares / Double(Self.resamples) - mean * mean)
    }
}
