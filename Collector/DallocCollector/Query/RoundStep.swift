// SPDX-License-Identifier: Apache-2.0
//
// A step that people like to read, for a number of points.

internal import HeapHistory

enum RoundStep {
    private static let (millisecond, second, minute, hour, day): (Int64, Int64, Int64, Int64, Int64) = (
        1000, 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000
    )

    private static let steps: [Int64] =
        [100, 200, 500].map { $0 * millisecond } + [1, 2, 5, 10, 15, 30].map { $0 * second }
        + [1, 2, 5, 10, 15, 30].map { $0 * minute } + [1, 2, 3, 6, 12].map { $0 * hour } + [day]

    /// Microseconds: the smallest round step that gives no more points.
    static func width(from since: Timestamp, to until: Timestamp, points: Int64) -> Int64 {
        let ideal = max(0, until.microseconds(since: since)) / max(1, points)
        return steps.first { $0 >= ideal } ?? (ideal / day).addingClamped(1).multipliedClamped(by: day)
    }
}
