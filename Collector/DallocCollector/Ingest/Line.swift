// SPDX-License-Identifier: Apache-2.0
//
// An open connection, or a body of frames that is being taken, for those who may close it.

internal import HeapWire
internal import NIOCore
internal import Synchronization

final class Line: Sendable {
    let peer: String
    /// Without the port; the path of a serial line.
    let address: String
    private let replies: Replies
    /// The peer had left before its address was read: what comes are the last bytes of a dead connection.
    let hasPeerLeft: Bool
    /// Of a line with TLS.
    private let handshake: Handshake?
    let opened = NIODeadline.now()
    private let heard = Atomic<UInt64>(NIODeadline.now().uptimeNanoseconds)
    private let greeted = Atomic<Bool>(false)
    private let reason = Mutex<ConnectionEnd?>(nil)
    /// The device whose HELLO was the last sound one.
    private let greeter = Mutex<Greeter?>(nil)

    private struct Greeter {
        let device: String
        let boot: UInt32
        let ticksPerSecond: UInt32
        let isListening: Bool
        /// It does what a level says.
        let canSummarize: Bool
        /// It was told why this HELLO is not answered.
        var isTold = false
        /// It was answered: what it offers is in use.
        var isWelcome = false
        /// How much it was told to tell; nil where nothing was said.
        var level: Request.Level?

        init(_ hello: DeviceHello) {
            (device, boot, ticksPerSecond) = (hello.device, hello.boot, hello.ticksPerSecond)
            (isListening, canSummarize) = (!hello.isOneWay, hello.capabilities.has(.summaries))
        }
    }

    private enum Replies {
        case channel(any Channel)
        case body(BodyReplies)
    }

    init(
        peer: String, address: String, channel: any Channel, hasPeerLeft: Bool = false, handshake: Handshake? = nil
    ) {
        (self.peer, self.address, self.hasPeerLeft) = (peer, address, hasPeerLeft)
        self.handshake = handshake
        replies = .channel(channel)
    }

    /// Of a body, whose replies are gathered for its answer.
    init(peer: String, address: String, body: BodyReplies) {
        (self.peer, self.address, hasPeerLeft, replies) = (peer, address, false, .body(body))
        handshake = nil
    }

    /// Who the peer has proved to be.
    var identity: PeerIdentity { handshake?.identity ?? .unproved }
    var hasTLS: Bool { handshake != nil }
    /// There was to be a secure connection, and it did not come about.
    var hasFailedHandshake: Bool { handshake?.failure != nil }

    /// It is a body. One that comes while its device speaks elsewhere is turned away, and one that is being taken gives way.
    var isBody: Bool { if case .body = replies { true } else { false } }

    /// Replies can be sent: the peer reads them.
    private var isWritable: Bool {
        switch replies {
        case .channel(let channel): channel.isWritable
        case .body: true
        }
    }

    var lastHeard: NIODeadline { .uptimeNanoseconds(heard.load(ordering: .relaxed)) }
    var hasGreeted: Bool { greeted.load(ordering: .relaxed) }

    /// The device sent something, or was not listened to until now.
    func hear() { heard.store(NIODeadline.now().uptimeNanoseconds, ordering: .relaxed) }
    func greet() { greeted.store(true, ordering: .relaxed) }

    /// A sound HELLO came: from now on the peer is known to be a device, and is told why it is not served.
    func note(_ hello: DeviceHello) {
        greeter.withLock { $0 = Greeter(hello) }
    }

    /// WELCOME was sent.
    func welcome() { greeter.withLock { $0?.isWelcome = true } }

    /// Whether the device does what a level says; nil when it is not this device that has greeted last.
    func canSummarize(_ device: String) -> Bool? {
        greeter.withLock { $0?.device == device ? $0?.canSummarize : nil }
    }

    /// How much the device was told to tell since it greeted; nil where nothing was said.
    func level(of device: String) -> Request.Level? {
        greeter.withLock { $0?.device == device ? $0?.level : nil }
    }

    /// Tells the device how much to tell, once it is welcome. One that can't, or doesn't listen, is told nothing.
    func tell(_ level: Request.Level, to device: String) {
        let boot = greeter.withLock { greeter -> UInt32? in
            guard let greeter, greeter.device == device, greeter.isWelcome, greeter.isListening, greeter.canSummarize
            else { return nil }
            return greeter.boot
        }
        guard let boot, send({ Request(boot: boot, keyframe: false, level: level).write(to: &$0) }) else { return }
        greeter.withLock { greeter in
            if greeter?.device == device, greeter?.boot == boot { greeter?.level = level }
        }
    }

    /// Why it was closed from this side; nil when it was not.
    var end: ConnectionEnd? { reason.withLock { $0 } }

    /// Closes it. What was received by now is still stored. The first caller's reason counts, and is told to the device.
    /// - Parameter wait: seconds after which the device may come again; 0 where it knows best.
    func close(_ end: ConnectionEnd, wait: Int64 = 0) {
        let isFirst = reason.withLock { reason in
            defer { reason = reason ?? end }
            return reason == nil
        }
        if isFirst, let refusal = end.refusal { refuse(refusal, wait: wait, isLast: true) }
        switch replies {
        case .channel(let channel): channel.close(promise: nil)
        case .body(let body): body.stop()
        }
    }

    /// Says why frames are not taken, once for each HELLO and once at the end. Nothing is said to a peer that has sent no sound HELLO, or
    /// does not listen; so what is said is shorter than what came.
    func refuse(_ reason: RefusalReason, wait seconds: Int64 = 0, isLast: Bool = false) {
        let device = greeter.withLock { greeter in
            defer { greeter?.isTold = true }
            return greeter?.isTold == true && !isLast ? nil : greeter
        }
        guard let device, device.isListening else { return }
        let (ticks, overflow) = seconds.multipliedReportingOverflow(by: Int64(device.ticksPerSecond))
        let wait = overflow ? UInt32.max : UInt32(clamping: ticks)
        send { Refuse(boot: device.boot, wait: wait, reason: reason).write(to: &$0) }
    }

    /// A peer that does not read gets no replies, so that they take no memory; it greets again when it wants them. False
    /// when this reply was left out.
    @discardableResult
    func send(_ write: (inout FrameWriter) -> Void) -> Bool {
        guard isWritable else { return false }
        var buffer = ByteBufferAllocator().buffer(capacity: 32)
        let room = FrameWriter.longest(payload: WireLimits.reply)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            var writer = FrameWriter(ring: base.assumingMemoryBound(to: UInt8.self), size: room, origin: 0, room: room)
            write(&writer)
            return writer.finish()
        }
        switch replies {
        case .channel(let channel): channel.writeAndFlush(buffer, promise: nil)
        case .body(let body): body.append(buffer)
        }
        return true
    }
}
