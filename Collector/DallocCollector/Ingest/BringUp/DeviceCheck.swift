// SPDX-License-Identifier: Apache-2.0
//
// Answers a device as a collector would that has nothing of it on disk, and never acknowledges: so the device keeps all that it has for
// the collector that comes after. Counts what it sees. A state machine without I/O.

internal import HeapHistory
internal import HeapWire

struct DeviceCheck {
    private(set) var hello: DeviceHello?
    /// KEYFRAMEs and DELTAs that were taken, that came again, that came before any HELLO, and that are missing on a one-way line.
    private(set) var frames = 0
    private(set) var repeated = 0
    /// Those that came before one that was lost, which comes again.
    private(set) var early = 0
    private(set) var beforeHello = 0
    private(set) var missing = Count.zero
    /// Frames whose checksum is right and that can't be read or taken, and why the last one couldn't.
    private(set) var unreadable = 0
    private(set) var unreadableWords = ""
    /// Why a HELLO can't be read; nil when each could.
    private(set) var badHello: String?
    private(set) var otherVersion: OtherVersion?
    /// Frames of the kind that only a collector sends.
    private(set) var collectorFrames = 0
    /// Times that a table turned out to differ from the device's.
    private(set) var mismatches = 0
    /// Operations that the device could not record.
    private(set) var lost = Count.zero
    private(set) var load = LineLoad()
    /// HELLOs that came again although they were answered, with nothing else since.
    private(set) var unheard = 0
    /// Boots that began while we listened.
    private(set) var resets = 0
    private(set) var repeatsBootID = false
    /// Heaps that are told of in summaries, and those whose table was proven, by their place in HELLO.
    private(set) var summarized: Set<Int64> = []
    private(set) var exact: Set<Int64> = []

    private var session = DeviceSession()
    private var isWelcome = false
    private var lastSequence: UInt32 = 0
    private var requests = 0
    private var firstGreeting: (tick: UInt64, at: Int)?
    private var lastGreeting: (tick: UInt64, at: Int)?

    /// What it may be asked for: a device on a metered line pays for each table.
    private static let mostRequests = 2

    /// - Parameters:
    ///   - payload: of a frame with a sound checksum.
    ///   - bytes: of the frame on the line.
    ///   - now: milliseconds since the beginning.
    /// - Returns: what to send.
    mutating func take(_ payload: UnsafeBufferPointer<UInt8>, bytes: Int, at now: Int) -> [[UInt8]] {
        var event = session.receive(payload, at: Self.time(now))
        if case .anotherRun(let hello) = event {
            noteReset(isOfSameID: true)
            open(hello, at: now)
            event = session.receive(payload, at: Self.time(now))
        }
        switch event {
        case .greeting(let hello): return greet(hello, at: now)
        case .frame(let frame): take(frame, bytes)
        case .duplicate: repeated += 1
        case .outOfOrder: early += 1
        case .anotherRun: break
        case .skipped: return []
        case .otherVersion(let other):
            otherVersion = other
            return other.isOneWay ? [] : [FrameWriter.line { Welcome(boot: other.boot, lastStored: 0).write(to: &$0) }]
        case .rejected(let rejection):
            reject(rejection, payload)
            return []
        }
        unheard = 0
        guard requests < Self.mostRequests, let request = session.request else { return [] }
        requests += 1
        session.requestWasSent()
        return [FrameWriter.line { request.write(to: &$0) }]
    }

    private mutating func greet(_ hello: DeviceHello, at now: Int) -> [[UInt8]] {
        if session.continues(hello) {
            session.greetAgain(hello)
            self.hello = hello
            if isWelcome { unheard += 1 }
        } else {
            if let before = self.hello, before.heaps == hello.heaps || before.boot != hello.boot {
                noteReset(isOfSameID: before.boot == hello.boot && before.device == hello.device)
            }
            open(hello, at: now)
        }
        lastGreeting = (hello.tick, now)
        if firstGreeting == nil { firstGreeting = lastGreeting }
        guard !hello.isOneWay else { return [] }
        isWelcome = true
        return [FrameWriter.line { Welcome(boot: hello.boot, lastStored: 0).write(to: &$0) }]
    }

    /// A boot of which nothing is known: what it still has is taken from there on.
    private mutating func open(_ hello: DeviceHello, at now: Int) {
        self.hello = hello
        let last = hello.isOneWay ? 0 : hello.oldest &- 1
        // Totals count from the first that are told, not from 0.
        let before = StoredFrame(
            sequence: last, time: Timestamp(microseconds: .min / 4), isExact: false, payload: [])
        let heaps = hello.heaps.enumerated().map { index, heap in
            OpenedBoot.OpenedHeap(
                id: Int64(index), announced: heap, material: ReplayMaterial(backwards: []), lastFrame: before,
                lastExactSequence: 0)
        }
        let clock = BootClock(
            ticksPerSecond: hello.ticksPerSecond, anchorTick: hello.tick, anchorTime: Self.time(now))
        session = DeviceSession()
        session.open(OpenedBoot(id: 1, clock: clock, lastSequence: last, heaps: heaps), hello: hello)
        (isWelcome, unheard, lastSequence) = (false, 0, last)
        (firstGreeting, lastGreeting, load, exact, summarized) = (nil, nil, LineLoad(), [], [])
    }

    private mutating func noteReset(isOfSameID: Bool) {
        resets += 1
        if isOfSameID { repeatsBootID = true }
    }

    private mutating func take(_ frame: IngestedFrame, _ bytes: Int) {
        frames += 1
        let (record, sequence) = (frame.record, frame.record.frame.sequence)
        // Of a line that is joined in the midst, what came before is not missing.
        if frames > 1, lastSequence > 0, sequence > lastSequence {
            missing += Count(clamping: sequence &- lastSequence &- 1)
        }
        lastSequence = sequence
        lost += Count(clamping: record.lost)
        if frame.beginsGap, frame.gap?.cause == .digestMismatch || frame.gap?.cause == .implausible { mismatches += 1 }
        if frame.gap?.cause == .summarized { summarized.insert(record.heapID) }
        if record.frame.isExact { exact.insert(record.heapID) } else { exact.remove(record.heapID) }
        if record.figures != nil || load.hasBegun {
            load.add(
                at: record.frame.time.microseconds, operations: record.work.operations.int, bytes: bytes)
        }
    }

    private mutating func reject(_ rejection: DeviceSession.Rejection, _ payload: UnsafeBufferPointer<UInt8>) {
        if rejection == .beforeHello {
            beforeHello += 1
            return
        }
        switch payload.first.flatMap({ FrameType(rawValue: $0) }) {
        case .welcome, .ack, .request: collectorFrames += 1
        case .hello: badHello = Self.words(forBadHello: payload, rejection)
        default:
            unreadable += 1
            unreadableWords = rejection.words
        }
    }

    /// What is wrong with it, as far as that can be told.
    private static func words(forBadHello payload: UnsafeBufferPointer<UInt8>, _ rejection: DeviceSession.Rejection)
        -> String
    {
        guard let base = payload.baseAddress, let hello = HelloOfAnyVersion(payload: base, count: payload.count) else {
            return rejection.words
        }
        let length = hello.device.count
        guard (1...WireLimits.identifier).contains(length) else {
            return "its device id has \(length) bytes, and may have 1 to \(WireLimits.identifier)"
        }
        guard (try? DeviceHello.text(hello.device)) != nil else {
            return "its device id is no UTF-8, or has control characters"
        }
        return rejection.words
    }

    /// How many ticks a second the device's clock really makes; nil where that was not seen for long enough.
    var ticksPerSecond: Double? {
        guard let first = firstGreeting, let last = lastGreeting, last.at - first.at >= 1500, last.tick >= first.tick
        else { return nil }
        return Double(last.tick &- first.tick) * 1000 / Double(last.at - first.at)
    }

    /// How long that was seen, in milliseconds.
    var clockSpan: Int { (lastGreeting?.at ?? 0) - (firstGreeting?.at ?? 0) }

    /// The doctor's own time: nothing is stored.
    private static func time(_ now: Int) -> Timestamp {
        Timestamp(microseconds: Int64(clamping: now).multipliedClamped(by: 1000))
    }
}
