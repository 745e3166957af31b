// SPDX-License-Identifier: Apache-2.0
//
// What a device and the collector say to each other, as a state machine without I/O: payloads go in, what to do
// about them comes out.

internal import HeapHistory
internal import HeapWire

struct DeviceSession {
    /// What a payload means.
    enum Event {
        /// A device greets: look up its boot, then call ``open(_:hello:)``, and answer WELCOME.
        case greeting(DeviceHello)
        /// Store this, and acknowledge it then.
        case frame(IngestedFrame)
        /// Nothing new: it is stored already. Acknowledge again.
        case duplicate
        /// A frame before it is missing on a two-way line: the acknowledgement, repeated, asks for it.
        case outOfOrder
        /// The device has started over under the boot id that is open, and its HELLO was lost: open another run of the boot, then take the
        /// payload again.
        case anotherRun(DeviceHello)
        case rejected(Rejection)
        /// A frame that a later version of the format has, and that may be skipped.
        case skipped
        /// A greeting in a version that this collector does not speak: answer with the one that it does.
        case otherVersion(OtherVersion)
    }

    enum Rejection: Hashable, Sendable {
        case malformed(Malformed)
        case beforeHello
        case unknownHeap
        /// Its number is further ahead than a device can have come.
        case implausibleJump
        /// Its peer has brought too many devices that nobody knew.
        case tooManyNewDevices
        /// It has brought too many boots that nobody knew.
        case tooManyNewBoots
        /// Its peer has not proved to be the device, and has to.
        case notAuthorised
    }

    private struct Boot {
        /// Its row.
        let id: Int64
        var hello: DeviceHello
        var heaps: [UInt32: HeapTrack]
        var clock: ClockDiscipline
        var series: FrameSeries
        var watch: ClockWatch
    }

    private var boot: Boot?
    /// Work on tables, ``HeapReplica/steps``, that ``takeSteps()`` has not told yet.
    private(set) var steps: UInt64 = 0
    /// How much the device was told to tell, since it greeted; nil where nothing was said.
    var level: Request.Level?
    private var clockFinding: ClockWatch.Finding?
    private let clockWindow: UInt64

    /// - Parameter clockWindow: microseconds in which a device's clock must go on: ``ClockWatch``.
    init(clockWindow: UInt64 = ClockWatch.standard) {
        self.clockWindow = clockWindow
    }

    /// The device that has greeted, and its boot's row.
    var device: String? { boot?.hello.device }
    var bootID: Int64? { boot?.id }
    /// A device that is told of a frame before its oldest one sends a KEYFRAME. After the very last number there is none to go on with.
    var welcome: Welcome? {
        boot.map {
            Welcome(
                boot: $0.hello.boot, lastStored: min($0.series.last, UInt32.max &- 1),
                capabilities: $0.hello.capabilities.intersection(.known))
        }
    }
    var ack: Ack? { boot.map { Ack(boot: $0.hello.boot, sequence: $0.series.last) } }
    var clock: BootClock? { boot?.clock.clock }
    var isOneWay: Bool { boot?.hello.isOneWay ?? false }

    /// What to ask the device for, until ``requestWasSent()``; nil when all is well, or nobody would listen. A device in summaries is not
    /// asked for tables: they would cost more than all that it says. One that was told to tell all sends them by itself, and is asked when
    /// they don't come.
    var request: Request? {
        requestOfTables { [level] in $0.wantsKeyframe && (level == .full || !$0.isInSummaries) }
    }

    /// What to ask a device for that comes in bodies: each is a session of its own, which does not know what was asked before.
    var requestOfUnknownTable: Request? {
        requestOfTables { $0.isUnknown && !$0.isInSummaries }
    }

    private func requestOfTables(where isDue: (HeapTrack) -> Bool) -> Request? {
        guard let boot, !boot.hello.isOneWay, level != .summary, boot.heaps.values.contains(where: isDue) else {
            return nil
        }
        return Request(boot: boot.hello.boot, keyframe: true)
    }

    /// The device may take a while to answer: it is asked again when many frames have come without a KEYFRAME.
    func requestWasSent() {
        for heap in (boot?.heaps ?? [:]).values { heap.keyframeWasRequested() }
    }

    /// The work of frames and greetings since it was asked for.
    mutating func takeSteps() -> UInt64 {
        defer { steps = 0 }
        return steps
    }

    /// What the last frames say of the device's clock, once.
    mutating func takeClockFinding() -> ClockWatch.Finding? {
        defer { clockFinding = nil }
        return clockFinding
    }

    /// - Parameters:
    ///   - arrival: when it came.
    ///   - uptime: the same by a clock that nobody sets, in microseconds; 0 where there is none.
    mutating func receive(_ payload: UnsafeBufferPointer<UInt8>, at arrival: Timestamp, uptime: UInt64 = 0) -> Event {
        do {
            guard let base = payload.baseAddress, payload.count > 0 else { throw Malformed.truncatedField }
            switch FrameType(first: base[0]) {
            case .hello: return .greeting(try DeviceHello(payload: payload))
            case .keyframe, .delta:
                do throws(Malformed) {
                    return receive(try StateFrame(payload: base, count: payload.count), payload, arrival, uptime)
                } catch {
                    return try receiveUnreadable(payload, error, arrival, uptime)
                }
            default:
                guard FrameType.isSkippable(base[0]) else { throw Malformed.unknownFrameType }
                return .skipped
            }
        } catch let malformed as Malformed {
            if malformed == .unknownVersion, let other = OtherVersion(payload: payload) { return .otherVersion(other) }
            return .rejected(.malformed(malformed))
        } catch {
            return .rejected(.malformed(.truncatedField))
        }
    }

    /// On a two-way line the device would send it again, for ever: it is taken, and its table is not known after it.
    private mutating func receiveUnreadable(
        _ payload: UnsafeBufferPointer<UInt8>, _ malformed: Malformed, _ arrival: Timestamp, _ uptime: UInt64
    ) throws(Malformed) -> Event {
        guard boot?.hello.isOneWay == false, let other = StateFrame.unreadable(payload) else { throw malformed }
        return try other.withUnsafeBufferPointer { (bytes) throws(Malformed) in
            guard let base = bytes.baseAddress else { throw malformed }
            return receive(try StateFrame(payload: base, count: bytes.count), bytes, arrival, uptime)
        }
    }

    /// True when `hello` is the boot that this session has open, unchanged: it only wants WELCOME again.
    func continues(_ hello: DeviceHello) -> Bool {
        guard let boot else { return false }
        let open = boot.hello
        return open.device == hello.device && open.boot == hello.boot && open.heaps == hello.heaps
            && open.build == hello.build && open.ticksPerSecond == hello.ticksPerSecond
            && (hello.mayBeOld || !boot.series.isStartedOver(at: hello.tick))
    }

    /// Begins, or goes on with, a boot.
    mutating func open(_ opened: OpenedBoot, hello: DeviceHello) {
        var heaps: [UInt32: HeapTrack] = [:]
        for heap in opened.heaps {
            let track = HeapTrack(heap)
            // What is stored after the last table was replayed.
            steps &+= track.steps
            heaps[heap.announced.number] = track
        }
        boot = Boot(
            id: opened.id, hello: hello, heaps: heaps, clock: ClockDiscipline(opened.clock),
            series: FrameSeries(last: opened.lastSequence, tick: opened.lastTick, clock: opened.clock),
            watch: ClockWatch(ticksPerSecond: hello.ticksPerSecond, length: clockWindow))
    }

    /// The same boot greets again on the same line. What it says of its oldest frame counts when that frame comes: a greeting alone changes
    /// nothing.
    mutating func greetAgain(_ hello: DeviceHello) {
        boot?.hello = hello
    }

    /// Whether the collector's clock has proven itself: see ``ClockDiscipline``.
    mutating func believeArrivals(_ isBelieved: Bool) { boot?.clock.isArrivalBelieved = isBelieved }

    private mutating func receive(
        _ frame: StateFrame, _ payload: UnsafeBufferPointer<UInt8>, _ arrival: Timestamp, _ uptime: UInt64
    ) -> Event {
        guard let open = boot else { return .rejected(.beforeHello) }
        let (sequence, tick) = (frame.state.sequence, frame.state.tick)
        let place = open.series.place(
            sequence, tick: tick, oldest: open.hello.oldest, isOneWay: open.hello.isOneWay, arrival: arrival)
        switch place {
        case .repeated: return .duplicate
        case .early: return .outOfOrder
        case .implausible: return .rejected(.implausibleJump)
        case .ofAnotherRun:
            var hello = open.hello
            (hello.tick, hello.oldest) = (tick, sequence)
            return .anotherRun(hello)
        case .next, .afterLost: break
        }
        guard let heap = open.heaps[frame.state.heap] else { return .rejected(.unknownHeap) }
        if case .afterLost(let count) = place {
            for heap in open.heaps.values { heap.loseFrames(count) }
        }
        boot?.series.take(sequence, tick: tick)
        let before = heap.steps
        var ingested = heap.receive(frame, payload: payload, time: open.clock.clock.time(of: tick))
        steps &+= heap.steps &- before
        ingested.otherGaps = open.heaps.values.compactMap { $0.takeUnsavedGap() }
        // What the device had kept until it could connect tells nothing about its clock.
        if tick >= open.hello.tick {
            ingested.clock = boot?.clock.observe(tick: tick, arrival: arrival)
            let hasOperations = !ingested.record.work.operations.isZero
            if let finding = boot?.watch.observe(tick: tick, hasOperations: hasOperations, uptime: uptime) {
                clockFinding = finding
            }
        }
        ingested.endsRun = boot?.clock.isFarAhead == true
        return .frame(ingested)
    }
}
