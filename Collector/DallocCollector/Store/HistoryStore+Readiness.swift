// SPDX-License-Identifier: Apache-2.0
//
// Whether what devices send is stored.

internal import NIOCore

extension HistoryStore {
    /// Why it is not stored; nil when it is.
    var notReady: String? {
        if let cause = pause.cause { return "the database takes no writes: \(cause)" }
        if let cause = damage.cause { return "the database can't be used: \(cause)" }
        // Every ten seconds something is written, whatever devices do.
        let age = commits.lastSuccess.age
        return age > .seconds(30) ? "nothing has been written for \(age.nanoseconds / 1_000_000_000) s" : nil
    }
}
