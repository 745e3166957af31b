// SPDX-License-Identifier: Apache-2.0
//
// Counts rejected frames, and logs them once per burst: a hostile or noisy line must not fill the disk with
// words about it.

internal import Logging

struct RejectionLog {
    /// Rejections in a row, without a good frame in between, after which a connection is given up.
    static let limit = 64

    private(set) var total = 0
    private(set) var inBurst = 0
    private let log: PeerLog
    private let line: Line

    init(log: PeerLog, line: Line) {
        (self.log, self.line) = (log, line)
    }

    mutating func add(_ reason: String, device: String?) {
        total += 1
        inBurst += 1
        guard inBurst == 1 else { return }
        var metadata: Logger.Metadata = ["peer": "\(line.peer)", "reason": "\(reason)"]
        if let device { metadata["device.id"] = "\(device)" }
        // There are few reasons, and each is worth a line.
        log.note(
            .warning, "a frame was rejected", kind: "a frame was rejected: \(reason)", address: line.address, metadata)
    }

    /// A good frame came, or the connection ends.
    mutating func endBurst() {
        if inBurst > 1 {
            log.note(
                .warning, "frames were rejected", address: line.address,
                ["peer": "\(line.peer)", "count": "\(inBurst)"])
        }
        inBurst = 0
    }
}
