// SPDX-License-Identifier: Apache-2.0
//
// The peaks of device-days, or other sizes that something must hold: how large it must be, and how often it was large enough.

/// Bounds count each value as an independent one. Days of a device are alike, so what they promise is for more days of devices like
/// these; for other devices, give each device's highest.
struct PeakSample: Sendable {
    /// In ascending order.
    let values: [UInt64]

    init(_ values: [UInt64]) {
        self.values = values.sorted()
    }

    /// What a share of the values is at most; nil without values.
    func quantile(_ share: Double, confidence: Double = 0.95) -> Quantile? {
        Quantile(values, share: share, confidence: confidence)
    }

    /// The share of values for which a size would have been enough, with two-sided bounds for all values, those to come included: the exact
    /// ones of Clopper and Pearson (1934). From 0 to 1 without values.
    func share(enough size: UInt64, confidence: Double = 0.95) -> Estimate {
        let count = values.count
        guard count > 0 else { return Estimate(value: 0, lower: 0, upper: 1) }
        let enough = number(atMost: size)
        let tail = (1 - confidence) / 2
        // The shares at which so many or more, and so many or fewer, are as rare as the tail.
        let lower = Self.root { 1 - BetaDistribution.binomial(atMost: enough - 1, of: count, probability: $0) > tail }
        let upper = Self.root { BetaDistribution.binomial(atMost: enough, of: count, probability: $0) <= tail }
        return Estimate(
            value: Double(enough) / Double(count), lower: enough == 0 ? 0 : lower, upper: enough == count ? 1 : upper)
    }

    private func number(atMost size: UInt64) -> Int {
        var (low, high) = (0, values.count)
        while low < high {
            let middle = (low + high) / 2
            if values[middle] <= size { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Where, from 0 to 1, something begins to be true.
    private static func root(_ isBeyond: (Double) -> Bool) -> Double {
        var (low, high) = (0.0, 1.0)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if isBeyond(middle) { high = middle } else { low = middle }
        }
        return high
    }
}
