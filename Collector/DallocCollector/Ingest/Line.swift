// SPDX-License-Identifier: Apache-2.0
//
// An open connection, for those who may close it.

internal import NIOCore
internal import Synchronization

final class Line: Sendable {
    let peer: String
    /// Without the port; the path of a serial line.
    let address: String
    let channel: any Channel
    /// The peer had left before its address was read: what comes are the last bytes of a dead connection.
    let hasPeerLeft: Bool
    let opened = NIODeadline.now()
    private let heard = Atomic<UInt64>(NIODeadline.now().uptimeNanoseconds)
    private let greeted = Atomic<Bool>(false)
    private let reason = Mutex<ConnectionEnd?>(nil)

    init(peer: String, address: String, channel: any Channel, hasPeerLeft: Bool = false) {
        (self.peer, self.address, self.channel, self.hasPeerLeft) = (peer, address, channel, hasPeerLeft)
    }

    var lastHeard: NIODeadline { .uptimeNanoseconds(heard.load(ordering: .relaxed)) }
    var hasGreeted: Bool { greeted.load(ordering: .relaxed) }

    /// The device sent something, or was not listened to until now.
    func hear() { heard.store(NIODeadline.now().uptimeNanoseconds, ordering: .relaxed) }
    func greet() { greeted.store(true, ordering: .relaxed) }

    /// Why it was closed from this side; nil when it was not.
    var end: ConnectionEnd? { reason.withLock { $0 } }

    /// Closes it. What was received by now is still stored. The first caller's reason counts.
    func close(_ end: ConnectionEnd) {
        reason.withLock { $0 = $0 ?? end }
        channel.close(promise: nil)
    }
}
