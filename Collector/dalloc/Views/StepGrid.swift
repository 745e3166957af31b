// SPDX-License-Identifier: Apache-2.0
//
// The steps of a history, those without a point included. The collector decides where steps begin; any point tells.

import HeapHistory

struct StepGrid {
    private let origin: Int64
    private let step: Int64

    /// Steps from `since` to `until`, at least one.
    let count: Int64

    /// `history` has at least one point for the grid to be the collector's.
    init(_ history: UsageHistory) {
        step = max(1, history.stepMicroseconds)
        let since = history.since.microseconds
        let first = history.points.first?.time.microseconds ?? since
        origin = first.subtractingClamped(
            Self.stepsIn(first.subtractingClamped(since), step).multipliedClamped(by: step))
        let last = history.points.last?.time.microseconds ?? since
        let end = max(history.until.microseconds, last.addingClamped(1))
        count = max(1, Self.stepsIn(end.subtractingClamped(origin), step))
    }

    func index(of time: Timestamp) -> Int64 { max(0, time.microseconds.subtractingClamped(origin)) / step }

    func start(ofStep index: Int64) -> Timestamp {
        Timestamp(microseconds: origin.addingClamped(index.multipliedClamped(by: step)))
    }

    /// How many steps a length begins.
    private static func stepsIn(_ length: Int64, _ step: Int64) -> Int64 {
        guard length > 0 else { return 0 }
        return (length / step).addingClamped(length % step > 0 ? 1 : 0)
    }
}
