// SPDX-License-Identifier: Apache-2.0
//
// A step that people like to read, for a number of points.

internal import HeapHistory

enum RoundStep {
    private static let day: Int64 = 86_400_000_000

    private static let steps: [Int64] = [
        (1000, [100, 200, 500]), (1_000_000, [1, 2, 5, 10, 15, 30]), (60_000_000, [1, 2, 5, 10, 15, 30]),
        (3_600_000_000, [1, 2, 3, 6, 12, 24]),
    ].flatMap { (unit: Int64, counts: [Int64]) in counts.map { $0.multipliedClamped(by: unit) } }

    /// Microseconds: the smallest round step that gives no more points.
    static func width(from since: Timestamp, to until: Timestamp, points: Int64) -> Int64 {
        let ideal = max(0, until.microseconds(since: since)) / max(1, points)
        return steps.first { $0 >= ideal } ?? (ideal / day).addingClamped(1).multipliedClamped(by: day)
    }
}
