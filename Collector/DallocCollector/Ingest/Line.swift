// An open connection as others see it who may end it.

internal import NIOCore
internal import Synchronization

final class Line: Sendable {
    let peer: String
    let channel: any Channel
    private let reason = Mutex<ConnectionEnd?>(nil)

    init(peer: String, channel: any Channel) {
        (self.peer, self.channel) = (peer, channel)
    }

    /// Why it was closed from this side; nil when it was not.
    var end: ConnectionEnd? { reason.withLock { $0 } }

    /// What was received by now is still stored. Who closes it first says why.
    func close(_ end: ConnectionEnd) {
        reason.withLock { $0 = $0 ?? end }
        channel.close(promise: nil)
    }
}
