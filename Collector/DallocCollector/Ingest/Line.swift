// SPDX-License-Identifier: Apache-2.0
//
// An open connection, or a body of frames that is being taken, for those who may close it.

internal import NIOCore
internal import Synchronization

final class Line: Sendable {
    let peer: String
    /// Without the port; the path of a serial line.
    let address: String
    private let replies: Replies
    /// The peer had left before its address was read: what comes are the last bytes of a dead connection.
    let hasPeerLeft: Bool
    let opened = NIODeadline.now()
    private let heard = Atomic<UInt64>(NIODeadline.now().uptimeNanoseconds)
    private let greeted = Atomic<Bool>(false)
    private let reason = Mutex<ConnectionEnd?>(nil)

    private enum Replies {
        case channel(any Channel)
        case body(BodyReplies)
    }

    init(peer: String, address: String, channel: any Channel, hasPeerLeft: Bool = false) {
        (self.peer, self.address, self.hasPeerLeft) = (peer, address, hasPeerLeft)
        replies = .channel(channel)
    }

    /// Of a body, whose replies are gathered for its answer.
    init(peer: String, address: String, body: BodyReplies) {
        (self.peer, self.address, hasPeerLeft, replies) = (peer, address, false, .body(body))
    }

    /// It is a body. One that comes while its device speaks elsewhere is turned away, and one that is being taken gives way.
    var isBody: Bool { if case .body = replies { true } else { false } }

    /// Replies can be sent: the peer reads them.
    var isWritable: Bool {
        switch replies {
        case .channel(let channel): channel.isWritable
        case .body: true
        }
    }

    func send(_ frame: ByteBuffer) {
        switch replies {
        case .channel(let channel): channel.writeAndFlush(frame, promise: nil)
        case .body(let body): body.append(frame)
        }
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
        switch replies {
        case .channel(let channel): channel.close(promise: nil)
        case .body(let body): body.stop()
        }
    }
}
