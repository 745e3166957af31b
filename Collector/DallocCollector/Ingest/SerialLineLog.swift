// SPDX-License-Identifier: Apache-2.0
//
// What the log says of a serial line that comes and goes: once each time, and within the budget that peers have. A plug that is loose, or a
// device that resets its own USB, must not fill the disk.

internal import Logging
internal import NIOCore

struct SerialLineLog {
    private let path: String
    private let log: PeerLog
    private var isReported = false

    init(path: String, log: PeerLog) {
        (self.path, self.log) = (path, log)
    }

    mutating func opened(at now: NIODeadline = .now()) {
        if isReported { log.note(.info, "a serial line can be used now", address: path, at: now, ["path": "\(path)"]) }
        isReported = false
    }

    mutating func failed(_ error: any Error, at now: NIODeadline = .now()) {
        if !isReported {
            log.note(
                .warning, "a serial line can't be used now; trying again every second", address: path, at: now,
                ["path": "\(path)", "error": "\(error)"])
        }
        isReported = true
    }
}
