// The steps of a history, those without a point included. The collector decides where steps begin; any point tells.

import HeapHistory

struct StepGrid {
    private let origin: Int64
    private let step: Int64
    /// Ten thousand years, all that a Timestamp spans: sums with it can't overflow.
    private static let longestStep: Int64 = 320_000_000_000_000_000

    /// Steps from `since` to `until`.
    let count: Int64

    /// `history` has at least one point for the grid to be the collector's.
    init(_ history: UsageHistory) {
        step = min(max(1, history.stepMicroseconds), Self.longestStep)
        let since = history.since.microseconds
        let first = history.points.first?.time.microseconds ?? since
        let stepsBefore = max(0, (first - since + step - 1) / step)
        origin = first - stepsBefore * step
        let last = history.points.last?.time.microseconds ?? since
        let end = max(history.until.microseconds, last + 1)
        count = max(1, (end - origin + step - 1) / step)
    }

    func index(of time: Timestamp) -> Int64 { max(0, time.microseconds - origin) / step }

    func start(ofStep index: Int64) -> Timestamp { Timestamp(microseconds: origin + index * step) }
}
