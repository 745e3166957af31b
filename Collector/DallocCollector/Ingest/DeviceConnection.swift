// SPDX-License-Identifier: Apache-2.0
//
// Carries one line, TCP or serial, through the pipeline: bytes → payloads → session → commit → acknowledgement. Reading stops
// while a commit is under way, so a slow disk slows the device down instead of filling memory.

internal import Foundation
internal import HeapHistory
internal import HeapWire
internal import Logging
internal import NIOCore
internal import ServiceLifecycle

struct DeviceConnection {
    let context: IngestContext
    let line: Line
    /// Noise on a serial line is no reason to hang up.
    let isPatient: Bool
    let token: DeviceRegistry.Token
    /// What has come of a body; nil for a line.
    let tally: BodyTally?
    private(set) var session: DeviceSession
    private let assembler = FrameAssembler()
    var rejections: RejectionLog
    private var bucket: TokenBucket
    private var newDevices: TokenBucket
    /// A device in a body is not taken on: its frames are passed over up to the next HELLO.
    private var isPassingOver = false
    /// Work of earlier sessions that nobody has paid for yet.
    private var owedSteps: UInt64 = 0
    private var pending: [IngestedFrame] = []
    private var wantsAck = false
    private var hasAskedAgain = false
    /// Nothing has come yet.
    private(set) var isUnheard = true
    /// A payload that is taken when another run of its boot is open.
    private var heldPayload: [UInt8]?

    /// Frames, and steps of work on tables, after which other connections get their turn.
    private static let portion = (frames: 64, steps: 4_000_000 as UInt64)
    /// Steps that count like a byte: at the standard rate, a device keeps half a processor busy at most. A step takes some 4 ns.
    private static let stepsOfByte: UInt64 = 100
    /// Unknown devices on one line: this many at once, then one a second. A body may have as many as its address.
    private static let newDevicesAtOnce = 64.0

    /// Seconds after which a device that came too often may try again.
    private static let waitForRoom: Int64 = 10

    var peer: String { line.peer }

    init(context: IngestContext, line: Line, isPatient: Bool, tally: BodyTally? = nil) async {
        (self.context, self.line, self.isPatient, self.tally) = (context, line, isPatient, tally)
        token = await context.registry.makeToken()
        session = Self.makeSession(context)
        bucket = TokenBucket(rate: context.connections.limits.deviceRate, at: .now())
        newDevices = TokenBucket(rate: 1, burst: Self.newDevicesAtOnce, at: .now())
        rejections = RejectionLog(log: context.log, line: line)
        context.metrics.openedConnections.add()
    }

    private static func makeSession(_ context: IngestContext) -> DeviceSession {
        DeviceSession(clockWindow: UInt64(clamping: context.connections.limits.clockWindow) &* 1_000_000)
    }

    /// Serves the line until the peer closes it, another connection displaces it, or the collector shuts down.
    mutating func serve(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>) async {
        var end = ConnectionEnd.peer
        do {
            for try await chunk in inbound {
                if isUnheard, chunk.readableBytes > 0 {
                    isUnheard = false
                    if speaksTLS(chunk) {
                        end = .speaksTLS
                        break
                    }
                }
                if let reason = try await receive(chunk) {
                    end = reason
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

    /// Why the line is to be closed; nil when it may go on.
    mutating func receive(_ chunk: ByteBuffer) async throws -> ConnectionEnd? {
        var chunk = chunk
        let (arrival, uptime) = (Timestamp.now, NIODeadline.now().uptimeNanoseconds / 1000)
        context.metrics.receivedBytes.add(chunk.readableBytes)
        while true {
            // If these bytes end this process, the next one knows whose they were.
            session.believeArrivals(context.history.areArrivalsProven)
            let stop = context.history.whileHolding(framesOf: session.device ?? peer) {
                take(&chunk, at: arrival, uptime)
            }
            switch stop {
            case .greeting(let hello):
                if let end = try await greet(hello) { return end }
                if let end = try await giveTurn() { return end }
                continue
            case .anotherRun(let hello):
                if let end = try await startOver(hello) { return end }
                if let end = try await giveTurn() { return end }
                continue
            case .portion:
                if let end = try await giveTurn() { return end }
                continue
            case .end:
                // What came before is stored, and a device knows it.
                let hasNews = !pending.isEmpty
                try await commitPending()
                if tally == nil { answer(hasNews: hasNews) }
                return .malformed
            case .over: break
            }
            break
        }
        let hasNews = !pending.isEmpty
        if let finding = session.takeClockFinding() { note(finding) }
        try await commitPending()
        if tally == nil { answer(hasNews: hasNews) }
        return nil
    }

    /// What is in the way of reading on.
    private enum Stop {
        /// The chunk is used up.
        case over
        case greeting(DeviceHello)
        /// The device has started over; the payload that shows it is held.
        case anotherRun(DeviceHello)
        /// Others have their turn.
        case portion
        /// The line is to be closed.
        case end
    }

    /// Takes frames from a chunk. Not inlined, like others here: the locals of an async function take memory for every device as long as it
    /// is connected.
    @inline(never)
    private mutating func take(_ chunk: inout ByteBuffer, at arrival: Timestamp, _ uptime: UInt64) -> Stop {
        var taken = 0
        let before = session.steps
        while chunk.readableBytes > 0 || heldPayload != nil {
            if taken == Self.portion.frames || session.steps &- before >= Self.portion.steps { return .portion }
            taken += 1
            let event: DeviceSession.Event
            do throws(Malformed) {
                guard let next = try takeNext(&chunk, at: arrival, uptime) else { break }
                event = next
            } catch {
                event = .rejected(.malformed(error))
            }
            switch event {
            case .greeting(let hello): return .greeting(hello)
            case .anotherRun(let hello): return .anotherRun(hello)
            case .frame(let frame):
                pending.append(frame)
                rejections.endBurst()
                hasAskedAgain = false
            case .duplicate:
                context.metrics.repeatedFrames.add()
                tally?.repeatFrame()
                tally?.isUnanswered = true
                wantsAck = true
            case .outOfOrder:
                context.metrics.framesOutOfOrder.add()
                tally?.passOver()
                tally?.isUnanswered = true
                // Once per gap: the device greets anew when the acknowledgement comes a second time.
                wantsAck = wantsAck || !hasAskedAgain
                hasAskedAgain = true
            case .skipped: context.metrics.skippedFrames.add()
            case .otherVersion(let other):
                guard reject(.malformed(.unknownVersion), of: other.device, other.words) else { return .end }
                let welcome = Welcome(boot: other.boot, lastStored: 0)
                if !other.isOneWay { line.send { welcome.write(to: &$0) } }
            case .rejected(.beforeHello) where isPassingOver:
                context.metrics.rejectedFrames.add(.beforeHello)
                tally?.reject()
            case .rejected(let rejection):
                // A line can be noisy, but a stream without a frame for so long is not HeapWire.
                guard reject(rejection), isPatient || !assembler.isSkipping else { return .end }
                // A line can be joined in the midst of a stream; a body begins with HELLO.
                if let tally, !isPatient, !tally.hasGreeted, rejection == .beforeHello { return .end }
            }
        }
        return .over
    }

    /// What the next payload means; nil when the chunk is used up.
    private mutating func takeNext(
        _ chunk: inout ByteBuffer, at arrival: Timestamp, _ uptime: UInt64
    ) throws(Malformed) -> DeviceSession.Event? {
        if let held = heldPayload {
            heldPayload = nil
            return held.withUnsafeBufferPointer { session.receive($0, at: arrival, uptime: uptime) }
        }
        guard let payload = try assembler.next(&chunk) else { return nil }
        let event = session.receive(payload, at: arrival, uptime: uptime)
        if case .anotherRun = event { heldPayload = Array(payload) }
        return event
    }

    @inline(never)
    mutating func answer(hasNews: Bool) {
        if wantsAck, !session.isOneWay, let ack = session.ack {
            line.send { ack.write(to: &$0) }
        }
        wantsAck = false
        session.level = session.device.flatMap { line.level(of: $0) }
        if hasNews, let request = session.request, line.send({ request.write(to: &$0) }) { session.requestWasSent() }
    }

    /// A peer that exceeds its rate is read later.
    mutating func rest(after bytes: Int) async throws {
        let wait = charge(bytes)
        if wait > .zero { try await Task.sleep(for: wait) }
    }

    /// How long to wait after these bytes, and after what was done since the last charge.
    @inline(never)
    private mutating func charge(_ bytes: Int) -> Duration {
        let steps = session.takeSteps() &+ owedSteps
        owedSteps = 0
        let cost = bytes.addingClamped(Int(clamping: steps / Self.stepsOfByte))
        let wait = max(bucket.take(cost, at: .now()), context.connections.take(cost, from: line))
        guard wait > .zero, !isPatient else { return .zero }
        context.metrics.throttled.add()
        return min(wait, .seconds(5))
    }

    /// Lets others go on in the midst of a chunk. A peer whose bytes are much work waits, and its replies don't. Why the line is to be
    /// closed; nil when it may go on.
    private mutating func giveTurn() async throws -> ConnectionEnd? {
        let wait = charge(0)
        guard wait > .zero else {
            await Task.yield()
            return nil
        }
        let hasNews = !pending.isEmpty
        try await commitPending()
        if tally == nil { answer(hasNews: hasNews) }
        try await Task.sleep(for: wait)
        line.hear()
        // What it has not acknowledged, the device sends again.
        return line.end
    }

    /// Counts and logs it. False when the line is to be closed.
    /// - Parameter device: its own, where the session has none.
    private mutating func reject(
        _ rejection: DeviceSession.Rejection, of device: String? = nil, _ words: String? = nil
    ) -> Bool {
        context.metrics.rejectedFrames.add(rejection)
        let words = words ?? rejection.words
        tally?.reject(words)
        rejections.add(words, device: device ?? session.device)
        guard !isPatient, rejections.inBurst >= RejectionLog.limit else { return true }
        context.log.note(
            .warning, "a connection is closed: it sends no frames", address: line.address, ["peer": "\(peer)"])
        return false
    }

    /// Why the line is to be closed; nil when it may go on.
    private mutating func greet(_ greeting: DeviceHello) async throws -> ConnectionEnd? {
        var hello = greeting
        hello.mayBeOld = tally != nil
        try await commitPending()
        hasAskedAgain = false
        line.note(hello)
        if let proof = missingProof(of: hello.device) { return await refuse(hello.device, proof) }
        if session.continues(hello) {
            session.greetAgain(hello)
        } else {
            await endSession()
            guard admits(hello) else { return turnAway(.tooManyNewDevices, .tooManyDevices, of: hello.device) }
            guard await context.registry.claim(hello.device, boot: hello.boot, token: token, line: line) else {
                return line.end ?? .twin
            }
            line.greet()
            do {
                try await open(hello, startsOver: false)
            } catch {
                await context.registry.release(hello.device, token: token)
                guard error is TooManyNewBoots else { throw error }
                return turnAway(.tooManyNewBoots, .tooManyBoots, of: hello.device)
            }
        }
        isPassingOver = false
        context.metrics.greetings.add()
        tally?.greet(hello.device)
        welcome(hello)
        if hello.capabilities.has(.summaries) { await context.registry.tellDetail(to: hello.device) }
        return nil
    }

    /// Why the line is to be closed; nil when it may go on: what else is in a body, or comes over a serial line, may be of others.
    private mutating func refuse(_ device: String, _ cause: String) async -> ConnectionEnd? {
        noteUnproved(device, cause)
        guard isBody || isPatient else {
            context.metrics.rejectedFrames.add(.notAuthorised)
            return .notAuthorised
        }
        await endSession()
        isPassingOver = true
        return turnAway(.notAuthorised, .notAuthorised, of: device)
    }

    /// Frames of a later run came, and its HELLO did not. Why the line is to be closed; nil when it may go on.
    private mutating func startOver(_ hello: DeviceHello) async throws -> ConnectionEnd? {
        try await commitPending()
        do {
            try await open(hello, startsOver: true)
        } catch is TooManyNewBoots {
            // It belongs to no open boot.
            heldPayload = nil
            if isBody { await endSession() }
            return turnAway(.tooManyNewBoots, .tooManyBoots, of: hello.device)
        }
        return nil
    }

    private mutating func endSession() async {
        answerBody()
        if let device = session.device { await context.registry.release(device, token: token) }
        owedSteps = session.takeSteps()
        session = Self.makeSession(context)
    }

    /// It is what one request brings, from whoever it may be.
    private var isBody: Bool { tally != nil && !isPatient }

    private mutating func admits(_ hello: DeviceHello) -> Bool {
        if context.history.knows(hello.device) || tally?.isRecording ?? false { return true }
        guard isBody || newDevices.takeIfThere(at: .now()) else { return false }
        return context.connections.admitNewDevice(from: line)
    }

    /// There is no room for a device or its boot now. A body goes on with the others in it: they can't come again alone. Why the line
    /// is to be closed; nil when it may go on.
    private mutating func turnAway(
        _ rejection: DeviceSession.Rejection, _ reason: RefusalReason, of device: String
    ) -> ConnectionEnd? {
        line.refuse(reason, wait: Self.waitForRoom)
        guard isBody, let tally else { return reject(rejection, of: device) ? nil : .malformed }
        tally.limit = rejection
        isPassingOver = true
        _ = reject(rejection, of: device)
        rejections.endBurst()
        return nil
    }

    private mutating func open(_ hello: DeviceHello, startsOver: Bool) async throws {
        let opened = try await context.history.openBoot(hello, link: peer, at: .now, startsOver: startsOver) {
            [connections = context.connections] in connections.admitNewBoot(of: hello.device)
        }
        if let proof = line.identity.proof { try await context.history.note(proof, of: hello.device) }
        await context.registry.note(hello.device, token: token, row: opened.id)
        session.open(opened, hello: hello)
        tell(opened, hello)
    }

    @inline(never)
    private mutating func welcome(_ hello: DeviceHello) {
        wantsAck = false
        if !hello.isOneWay, let welcome = session.welcome {
            line.send { welcome.write(to: &$0) }
            line.welcome()
        }
    }

    /// Returns when all that was received is on disk.
    private mutating func commitPending() async throws {
        guard !pending.isEmpty, let boot = session.bootID else { return }
        let batch = IngestBatch(bootID: boot, frames: pending)
        pending = []
        let start = ContinuousClock.now
        try await context.history.commit(batch, at: .now)
        context.metrics.count(batch.frames, after: ContinuousClock.now - start)
        tally?.store(batch.frames)
        tally?.isUnanswered = true
        wantsAck = true
    }
}
