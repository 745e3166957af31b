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
    let metrics: Metrics
    let lines: Lines
    let logger: Logger
}

struct DeviceConnection {
    private let context: IngestContext
    private let line: Line
    /// Noise on a serial line is no reason to hang up.
    private let isPatient: Bool
    private let token: DeviceRegistry.Token
    private var session = DeviceSession()
    private let assembler = FrameAssembler()
    private var rejections: RejectionLog
    private var bucket: TokenBucket
    private var pending: [IngestedFrame] = []
    private var wantsAck = false
    private var hasAskedAgain = false

    private var peer: String { line.peer }

    init(context: IngestContext, line: Line, isPatient: Bool) async {
        (self.context, self.line, self.isPatient) = (context, line, isPatient)
        token = await context.registry.makeToken()
        bucket = TokenBucket(rate: context.lines.limits.deviceRate, at: .now())
        rejections = RejectionLog(logger: context.logger, peer: line.peer)
        context.metrics.openedConnections.add()
    }

    /// Serves the line until the peer closes it, another connection displaces it, or the collector shuts down.
    mutating func serve(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>) async {
        var end = ConnectionEnd.peer
        do {
            for try await chunk in inbound {
                guard try await receive(chunk) else {
                    end = .malformed
                    break
                }
                try await rest(after: chunk.readableBytes)
                line.hear()
            }
        } catch {
            end = self.end(after: error)
        }
        rejections.endBurst()
        if let device = session.device { await context.registry.release(device, token: token) }
        finish(end)
    }

    @inline(never)
    private func end(after error: any Error) -> ConnectionEnd {
        context.logger.info("a connection failed", metadata: ["peer": "\(peer)", "error": "\(error)"])
        return error is ChannelError || error is IOError ? .peer : .failed
    }

    @inline(never)
    private func finish(_ end: ConnectionEnd) {
        if let device = session.device {
            context.logger.info("a device disconnected", metadata: ["device.id": "\(device)", "peer": "\(peer)"])
        }
        context.metrics.closedConnections.add(line.end ?? end)
    }

    /// False when the line is to be closed.
    private mutating func receive(_ chunk: ByteBuffer) async throws -> Bool {
        var chunk = chunk
        let arrival = Timestamp.now
        context.metrics.receivedBytes.add(chunk.readableBytes)
        while true {
            switch take(&chunk, at: arrival) {
            case .greeting(let hello):
                try await greet(hello)
                continue
            case .end: return false
            case .over: break
            }
            break
        }
        let hasNews = !pending.isEmpty
        try await commitPending()
        answer(hasNews: hasNews)
        return true
    }

    /// What is in the way of reading on.
    private enum Stop {
        /// The chunk is used up.
        case over
        case greeting(DeviceHello)
        /// The line is to be closed.
        case end
    }

    /// Takes frames from a chunk. Not inlined, as others here: what a function that waits keeps takes memory of every device as long as it
    /// is connected.
    @inline(never)
    private mutating func take(_ chunk: inout ByteBuffer, at arrival: Timestamp) -> Stop {
        while chunk.readableBytes > 0 {
            let event: DeviceSession.Event
            do throws(Malformed) {
                guard let payload = try assembler.next(&chunk) else { break }
                event = session.receive(payload, at: arrival)
            } catch {
                event = .rejected(.malformed(error))
            }
            switch event {
            case .greeting(let hello): return .greeting(hello)
            case .frame(let frame):
                pending.append(frame)
                rejections.endBurst()
                hasAskedAgain = false
            case .duplicate:
                context.metrics.repeatedFrames.add()
                wantsAck = true
            case .outOfOrder:
                context.metrics.framesOutOfOrder.add()
                // Once per gap: the device greets anew when the acknowledgement comes a second time.
                wantsAck = wantsAck || !hasAskedAgain
                hasAskedAgain = true
            case .otherVersion(let welcome):
                guard reject(.malformed(.unknownVersion)) else { return .end }
                send { welcome.write(to: &$0) }
            case .rejected(let rejection):
                guard reject(rejection) else { return .end }
            }
        }
        return .over
    }

    @inline(never)
    private mutating func answer(hasNews: Bool) {
        if wantsAck, !session.isOneWay, let ack = session.ack {
            send { ack.write(to: &$0) }
        }
        wantsAck = false
        if hasNews, let request = session.request { send { request.write(to: &$0) } }
    }

    /// Who sends more than may be is read later.
    private mutating func rest(after bytes: Int) async throws {
        let wait = max(bucket.take(bytes, at: .now()), context.lines.take(bytes, from: line))
        guard wait > .zero, !isPatient else { return }
        context.metrics.throttled.add()
        try await Task.sleep(for: min(wait, .seconds(5)))
    }

    /// Counts and logs it. False when the line is to be closed.
    private mutating func reject(_ rejection: DeviceSession.Rejection) -> Bool {
        context.metrics.rejectedFrames.add(rejection)
        rejections.add(rejection.words, device: session.device)
        guard !isPatient, rejections.inBurst >= RejectionLog.limit else { return true }
        context.logger.warning("a connection is closed: it sends no frames", metadata: ["peer": "\(peer)"])
        return false
    }

    private mutating func greet(_ hello: DeviceHello) async throws {
        try await commitPending()
        hasAskedAgain = false
        context.metrics.greetings.add()
        line.greet()
        if session.continues(hello) {
            session.greetAgain(hello)
        } else {
            if let device = session.device { await context.registry.release(device, token: token) }
            session = DeviceSession()
            await context.registry.claim(hello.device, token: token, line: line)
            do {
                open(try await context.store.openBoot(hello, link: peer, at: .now), hello)
            } catch {
                await context.registry.release(hello.device, token: token)
                throw error
            }
        }
        welcome(hello)
    }

    @inline(never)
    private mutating func open(_ opened: OpenedBoot, _ hello: DeviceHello) {
        session.open(opened, hello: hello)
        context.logger.info(
            "a device greeted",
            metadata: [
                "device.id": "\(hello.device)", "device.build": "\(hello.build)", "boot": "\(hello.boot)",
                "peer": "\(peer)",
            ])
    }

    @inline(never)
    private mutating func welcome(_ hello: DeviceHello) {
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
        let start = ContinuousClock.now
        try await context.store.commit(batch, at: .now)
        context.metrics.count(batch.frames, after: ContinuousClock.now - start)
        wantsAck = true
    }

    /// Replies to a peer that does not read are left out: it greets again when it wants them, and they take no memory until then.
    private func send(_ write: (inout FrameWriter) -> Void) {
        let channel = line.channel
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
