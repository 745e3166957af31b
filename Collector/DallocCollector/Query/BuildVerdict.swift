// SPDX-License-Identifier: Apache-2.0
//
// What a comparison of builds says, in one sentence with its uncertainty.

internal import HeapHistory

struct BuildVerdict {
    let sentence: String

    init(_ builds: (a: String, b: String), _ metrics: [BuildComparison.Metric]) {
        let (worse, better) = (metrics.filter { $0.verdict == .higher }, metrics.filter { $0.verdict == .lower })
        let same = metrics.filter { $0.verdict == .same }
        let open = metrics.filter { $0.verdict == .undecided || $0.verdict == .notEnough }
        var parts: [String] = []
        if !worse.isEmpty { parts.append("\(builds.b) is worse than \(builds.a): " + Self.list(worse, "higher")) }
        if !better.isEmpty {
            let beginning = worse.isEmpty ? "\(builds.b) is better than \(builds.a): " : "but "
            parts.append(beginning + Self.list(better, "lower"))
        }
        if worse.isEmpty, better.isEmpty, !same.isEmpty {
            parts.append("\(builds.b) is like \(builds.a) in \(Self.names(same)), within 5 %")
        }
        if !open.isEmpty {
            let more = open.compactMap(\.more).max()
            // What nobody has enough of yet decides nothing.
            let isAll = open.count == metrics.count
            var words =
                isAll
                ? "not enough device-days to compare \(builds.a) with \(builds.b)"
                : "\(Self.names(open)) can't be told apart yet"
            if let more, more < 1_000_000 {
                words += ": about \(more) more device\(more == 1 ? "" : "s") of each would be needed"
            }
            parts.append(words)
        }
        let text = parts.joined(separator: "; ")
        sentence = (text.first.map { String($0).uppercased() } ?? "") + text.dropFirst() + "."
    }

    private static func list(_ metrics: [BuildComparison.Metric], _ direction: String) -> String {
        metrics.map { metric in
            guard let relative = metric.relative else { return "\(name(metric.figure)) is \(direction)" }
            return "\(name(metric.figure)) is \(percent(abs(relative.value))) \(direction)" + bounds(relative)
        }.joined(separator: ", ")
    }

    /// ` (12.1 to 17.6 %)`.
    private static func bounds(_ estimate: BuildComparison.Estimate) -> String {
        guard let lower = estimate.lower, let upper = estimate.upper else { return "" }
        let ends = [abs(lower), abs(upper)].sorted()
        return " (\(tenths(ends[0])) to \(percent(ends[1])))"
    }

    private static func names(_ metrics: [BuildComparison.Metric]) -> String {
        let names = metrics.map { name($0.figure) }
        guard names.count > 1, let last = names.last else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " and " + last
    }

    private static func percent(_ share: Double) -> String { tenths(share) + " %" }

    private static func tenths(_ share: Double) -> String {
        let tenths = (share * 1000).rounded()
        guard tenths < 1e12 else { return "very many" }
        return "\(Int(tenths) / 10).\(Int(tenths) % 10)"
    }

    static func name(_ figure: BuildComparison.Figure) -> String {
        switch figure {
        case .peak: "the peak of a day"
        case .usage: "use at the end of a day"
        case .failures: "the rate of failures"
        case .churn: "the rate of allocations"
        case .moved: "what compaction moves"
        case .leakRate: "the growth of use"
        }
    }
}
