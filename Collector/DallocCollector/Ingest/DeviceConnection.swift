// Carries one line, TCP or serial, through the pipeline: bytes → payloads → session → commit → acknowledgement. Reading stops
// while a commit is under way, so a slow disk slows the device down instead of filling memory.

internal import Foundation
internal import HeapHistory
internal import HeapWire
internal import Logging
internal import NIOCore
internal import ServiceLifecycle

/// What every connection shares.
struct IngestContext: Sendable {
    let store: HistoryStore
    let registry: DeviceRegistry
    let logger: Logger
}

struct DeviceConnection {
    private let context: IngestContext
    private let peer: String
    /// Noise on a serial line is no reason to hang up.
    private let isPatient: Bool
    private let channel: any Channel
    private let token: DeviceRegistry.Token
    private var session = DeviceSession()
    private let assembler = FrameAssembler()
    private var rejections: RejectionLog
    private var pending: [IngestedFrame] = []
    private var wantsAck = false
    private var hasAskedAgain = false

    init(context: IngestContext, peer: String, isPatient: Bool, channel: any Channel) async {
        (self.context, self.peer, self.isPatient, self.channel) = (context, peer, isPatient, channel)
        token = await context.registry.makeToken()
        rejections = RejectionLog(logger: context.logger, peer: peer)
    }

    /// Serves the line until the peer closes it, another connection displaces it, or the collector shuts down.
    mutating func serve(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>) async {
        do {
            for try await chunk in inbound {
                guard try await receive(chunk) else { break }
            }
        } catch {
            context.logger.info("a connection failed", metadata: ["peer": "\(peer)", "error": "\(error)"])
        }
        rejections.endBurst()
        if let device = session.device {
            await context.registry.release(device, token: token)
            context.logger.info("a device disconnected", metadata: ["device.id": "\(device)", "peer": "\(peer)"])
        }
    }

    /// False when the line is to be closed.
    private mutating func receive(_ chunk: ByteBuffer) async throws -> Bool {
        var chunk = chunk
        let arrival = Timestamp.now
        while chunk.readableBytes > 0 {
            let event: DeviceSession.Event
            do throws(Malformed) {
                guard let payload = try assembler.next(&chunk) else { break }
                event = session.receive(payload, at: arrival)
            } catch {
                event = .rejected(.malformed(error))
            }
            switch event {
            case .greeting(let hello): try await greet(hello)
            case .frame(let frame):
                pending.append(frame)
                rejections.endBurst()
                hasAskedAgain = false
            case .duplicate: wantsAck = true
            case .outOfOrder:
                // Once per gap: the device greets anew when the acknowledgement comes a second time.
                wantsAck = wantsAck || !hasAskedAgain
                hasAskedAgain = true
            case .otherVersion(let welcome):
                guard reject(.malformed(.unknownVersion)) else { return false }
                send { welcome.write(to: &$0) }
            case .rejected(let rejection):
                guard reject(rejection) else { return false }
            }
        }
        let hasNews = !pending.isEmpty
        try await commitPending()
        if wantsAck, !session.isOneWay, let ack = session.ack {
            send { ack.write(to: &$0) }
        }
        wantsAck = false
        if hasNews, let request = session.request { send { request.write(to: &$0) } }
        return true
    }

    /// Counts and logs it. False when the line is to be closed.
    private mutating func reject(_ rejection: DeviceSession.Rejection) -> Bool {
        rejections.add(words(for: rejection), device: session.device)
        guard !isPatient, rejections.inBurst >= RejectionLog.limit else { return true }
        context.logger.warning("a connection is closed: it sends no frames", metadata: ["peer": "\(peer)"])
        return false
    }

    private mutating func greet(_ hello: DeviceHello) async throws {
        try await commitPending()
        hasAskedAgain = false
        if session.continues(hello) {
            session.greetAgain(hello)
        } else {
            if let device = session.device { await context.registry.release(device, token: token) }
            session = DeviceSession()
            let channel = channel
            await context.registry.claim(hello.device, token: token, peer: peer) { channel.close(promise: nil) }
            do {
                let opened = try await context.store.openBoot(hello, link: peer, at: .now)
                session.open(opened, hello: hello)
            } catch {
                await context.registry.release(hello.device, token: token)
                throw error
            }
            context.logger.info(
                "a device greeted",
                metadata: [
                    "device.id": "\(hello.device)", "device.build": "\(hello.build)", "boot": "\(hello.boot)",
                    "peer": "\(peer)",
                ])
        }
        wantsAck = false
        if !hello.isOneWay, let welcome = session.welcome {
            send { welcome.write(to: &$0) }
        }
    }

    /// Returns when all that was received is on disk.
    private mutating func commitPending() async throws {
        guard !pending.isEmpty, let boot = session.bootID else { return }
        let batch = IngestBatch(bootID: boot, frames: pending)
        pending = []
        try await context.store.commit(batch, at: .now)
        wantsAck = true
    }

    private func words(for rejection: DeviceSession.Rejection) -> String {
        switch rejection {
        case .malformed(let malformed): "\(malformed.words)"
        case .beforeHello: "a frame before HELLO"
        case .unknownHeap: "a frame of a heap that HELLO did not announce"
        }
    }

    /// Replies to a peer that does not read are left out: it greets again when it wants them, and they take no memory until then.
    private func send(_ write: (inout FrameWriter) -> Void) {
        guard channel.isWritable else { return }
        var buffer = channel.allocator.buffer(capacity: 32)
        let room = FrameWriter.longest(payload: Reply.longest)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            var writer = FrameWriter(ring: base.assumingMemoryBound(to: UInt8.self), size: room, origin: 0, room: room)
            write(&writer)
            return writer.finish()
        }
        channel.writeAndFlush(buffer, promise: nil)
    }
}
