// SPDX-License-Identifier: Apache-2.0
//
// The figures of two builds, each compared over devices.

internal import HeapHistory

struct BuildFigures {
    let a: [ComparedDevice]
    let b: [ComparedDevice]

    func side(_ build: String, _ devices: KeyPath<BuildFigures, [ComparedDevice]>) -> BuildComparison.Side {
        let devices = self[keyPath: devices]
        return BuildComparison.Side(
            build: build, devices: devices.count, deviceDays: devices.reduce(0) { $0 + $1.days })
    }

    var metrics: [BuildComparison.Metric] {
        [
            metric(.peak) { OrderStatistic.median($0.peaks) }, metric(.usage) { OrderStatistic.median($0.uses) },
            failures,
            metric(.churn, \.churn), metric(.moved, \.moved), metric(.leakRate, \.leakRate),
        ]
    }

    /// Of each, so that all hold together with ``TwoSample/usualConfidence``.
    private var confidence: Double { TwoSample.confidence(comparisons: BuildComparison.Figure.allCases.count) }

    private func metric(
        _ figure: BuildComparison.Figure, _ value: (ComparedDevice) -> Double
    ) -> BuildComparison.Metric {
        let test = TwoSample(a.map(value), b.map(value), confidence: confidence)
        return BuildComparison.Metric(
            figure: figure, a: test.medianA.finite, b: test.medianB.finite, difference: .init(test.shift),
            relative: test.relativeShift.map { .init($0) }, superiority: .init(test.superiority),
            verdict: .init(test.verdict), more: test.verdict.more)
    }

    private var failures: BuildComparison.Metric {
        func devices(_ devices: [ComparedDevice]) -> [RateComparison.Device] {
            devices.map { RateComparison.Device(events: UInt64(clamping: $0.failures.value), days: $0.days) }
        }
        let test = RateComparison(devices(a), devices(b), confidence: confidence)
        let relative = test.rateA > 0 ? BuildComparison.Estimate(test.ratio, less: 1) : nil
        return BuildComparison.Metric(
            figure: .failures, a: test.rateA, b: test.rateB, difference: .init(test.difference), relative: relative,
            superiority: nil, verdict: .init(test.verdict), more: test.verdict.more)
    }
}

extension Double {
    /// 0 for what is no number: JSON has none such.
    fileprivate var finite: Double { isFinite ? self : 0 }
}

extension BuildComparison.Estimate {
    fileprivate init(_ estimate: Estimate, less base: Double = 0) {
        func finite(_ value: Double) -> Double? { value.isFinite ? value - base : nil }
        self.init(value: finite(estimate.value) ?? 0, lower: finite(estimate.lower), upper: finite(estimate.upper))
    }
}

extension BuildComparison.Verdict {
    fileprivate init(_ verdict: ComparisonVerdict) {
        switch verdict {
        case .higher: self = .higher
        case .lower: self = .lower
        case .noDifference: self = .same
        case .undecided: self = .undecided
        case .notEnough: self = .notEnough
        }
    }
}

extension ComparisonVerdict {
    fileprivate var more: Int? {
        if case .notEnough(let more) = self { return more }
        return nil
    }
}
