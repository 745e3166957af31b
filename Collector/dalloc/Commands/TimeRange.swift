// SPDX-License-Identifier: Apache-2.0
//
// The range of history that a command asks for, in words of the API.

import CommandSupport
import ArgumentParser
import HeapHistory

struct TimeRange: Equatable {
    /// Nil leaves the bound to the collector: one hour before the end.
    var since: MomentArgument?
    /// Nil leaves the bound to the collector: now.
    var until: MomentArgument?

    /// Which day was taken for times without a date.
    let remarks: [String]

    /// One hour: what the API takes when no begin is given.
    private static let standardLength: Int64 = 3_600_000_000

    /// Throws a usage error when the end comes before the begin.
    init(since: MomentArgument?, until: MomentArgument?, now: Timestamp) throws {
        self.since = since?.resolved(now: now)
        self.until = until?.resolved(now: now)
        remarks = [since, until].compactMap { $0?.remark(now: now) }
        let isBackwards =
            switch (self.since, self.until) {
            case (.time(let begin), .time(let end)): end < begin
            case (.time(let begin), nil): now < begin
            case (.sequence(let begin), .sequence(let end)): end < begin
            default: false
            }
        if isBackwards {
            let days = remarks.map { " " + $0 }.joined()
            throw ValidationError(
                "--since is after \(until == nil ? "now" : "--until"); nothing lies between them.\(days)")
        }
    }

    /// The width of a point that gives about sixty points, and a round one.
    func roundStep(now: Timestamp) -> Interval {
        guard case .time(let begin) = since else { return Interval(microseconds: Self.standardLength / 60) }
        var end = now
        if case .time(let time) = until { end = time }
        let ideal = end.microseconds(since: begin) / 60
        // The largest ideal is a sixtieth of Int64: a day more fits.
        return Self.roundSteps.first { $0.microseconds >= ideal }
            ?? Interval(microseconds: (ideal / day &* day).addingClamped(day))
    }

    private var day: Int64 { 86_400_000_000 }

    private static let roundSteps = [
        "100ms", "200ms", "500ms", "1s", "2s", "5s", "10s", "15s", "30s", "1m", "2m", "5m", "10m", "15m", "30m", "1h",
        "2h", "3h", "6h", "12h", "1d",
    ].compactMap { Interval($0) }
}
