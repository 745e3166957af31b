// SPDX-License-Identifier: Apache-2.0
//
// The range of history that a command asks for, in words of the API.

import ArgumentParser
import HeapHistory

struct TimeRange: Equatable {
    /// Nil leaves the bound to the collector: one hour before the end.
    var since: MomentArgument?
    /// Nil leaves the bound to the collector: now.
    var until: MomentArgument?

    /// What was taken where the words leave a choice.
    let remarks: [String]

    /// Throws a usage error when the end comes before the begin.
    init(since: MomentArgument?, until: MomentArgument?, now: Timestamp, in zone: Zone) throws {
        self.since = try since?.resolved(now: now, in: zone)
        self.until = try until?.resolved(now: now, in: zone)
        remarks = [since, until].compactMap { $0?.remark(now: now, in: zone) }
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
}
