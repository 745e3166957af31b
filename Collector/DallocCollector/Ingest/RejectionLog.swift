// Counts what a peer sent that makes no sense, and logs it once per burst: a hostile or noisy line must not fill the disk with
// words about it.

internal import Logging

struct RejectionLog {
    /// Rejections in a row, without a good frame in between, after which a connection is given up.
    static let limit = 64

    private(set) var total = 0
    private(set) var inBurst = 0
    private let logger: Logger
    private let peer: String

    init(logger: Logger, peer: String) {
        (self.logger, self.peer) = (logger, peer)
    }

    mutating func add(_ reason: String, device: String?) {
        total += 1
        inBurst += 1
        guard inBurst == 1 else { return }
        var metadata: Logger.Metadata = ["peer": "\(peer)", "reason": "\(reason)"]
        if let device { metadata["device.id"] = "\(device)" }
        logger.warning("a frame was rejected", metadata: metadata)
    }

    /// A good frame came, or the connection ends.
    mutating func endBurst() {
        if inBurst > 1 {
            logger.warning("frames were rejected", metadata: ["peer": "\(peer)", "count": "\(inBurst)"])
        }
        inBurst = 0
    }
}
