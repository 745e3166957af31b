// SPDX-License-Identifier: Apache-2.0
//
// Two builds side by side, and the verdict.

import CommandSupport
import HeapHistory

enum CompareView {
    static func render(_ comparison: BuildComparison, on screen: Screen) -> Rendering {
        var table = TextTable([
            .init(title: ""), .init(title: comparison.a.build, isNumber: true),
            .init(title: comparison.b.build, isNumber: true),
            .init(title: "DIFFERENCE", isNumber: true), .init(title: "BOUNDS", isNumber: true), .init(title: "VERDICT"),
            .init(title: "HIGHER ON", isNumber: true, role: .detail),
        ])
        table.add([
            .init("devices"), .init(Figures.number(comparison.a.devices)), .init(Figures.number(comparison.b.devices)),
            .init(""),
            .init(""), .init(""), .init(""),
        ])
        table.add([
            .init("device-days"), .init(LeaksView.rate(comparison.a.deviceDays)),
            .init(LeaksView.rate(comparison.b.deviceDays)),
            .init(""), .init(""), .init(""), .init(""),
        ])
        for metric in comparison.metrics { table.add(cells(metric)) }
        let ink = ink(comparison)
        let verdict = comparison.verdict.printable.wrapped(to: screen.columns)
        return Rendering(
            text: table.render(on: screen) + "\n" + screen.paint(verdict, ink) + "\n",
            remarks: remarks(comparison, screen.zone))
    }

    private static func ink(_ comparison: BuildComparison) -> Ink {
        if comparison.metrics.contains(where: { $0.verdict == .higher }) { return .red }
        return comparison.metrics.contains { $0.verdict == .lower || $0.verdict == .same } ? .green : .yellow
    }

    private static func cells(_ metric: BuildComparison.Metric) -> [TextTable.Cell] {
        let estimate = metric.relative
        let percent = estimate.map { signed($0.value * 100) + " %" } ?? signed(metric.difference.value)
        var bounds = ""
        if let lower = estimate?.lower ?? metric.difference.lower,
            let upper = estimate?.upper ?? metric.difference.upper,
            metric.verdict != .notEnough
        {
            bounds =
                estimate == nil
                ? "\(signed(lower)) to \(signed(upper))" : "\(signed(lower * 100)) to \(signed(upper * 100)) %"
        }
        let share = metric.superiority.map { Figures.percent(Int($0.value * 1000), of: 1000) + " %" } ?? ""
        return [
            .init(name(metric.figure)), .init(value(metric.a)), .init(value(metric.b)),
            .init(metric.verdict == .notEnough ? "" : percent), .init(bounds), words(metric), .init(share),
        ]
    }

    private static func name(_ figure: BuildComparison.Figure) -> String {
        switch figure {
        case .peak: "peak of a day, B"
        case .usage: "use at its end, B"
        case .failures: "failures per device-day"
        case .churn: "allocations an hour"
        case .moved: "B moved an hour"
        case .leakRate: "growth, B an hour"
        }
    }

    private static func words(_ metric: BuildComparison.Metric) -> TextTable.Cell {
        switch metric.verdict {
        case .higher: .init("higher", .red)
        case .lower: .init("lower", .green)
        case .same: .init("same")
        case .undecided: .init("undecided", .yellow)
        case .notEnough: .init("not enough device-days", .yellow)
        }
    }

    private static func value(_ value: Double) -> String {
        value < 0 ? "-" + LeaksView.rate(-value) : LeaksView.rate(value)
    }

    private static func signed(_ value: Double) -> String {
        value < 0 ? "-" + LeaksView.rate(-value) : "+" + LeaksView.rate(value)
    }

    static func remarks(_ comparison: BuildComparison, _ zone: Zone) -> [String] {
        [
            "From \(zone.dateAndTime(comparison.since)) to \(zone.full(comparison.until)); all bounds hold together with "
                + "\(Figures.percent(Int(comparison.confidence * 1000), of: 1000)) %."
        ]
    }
}
