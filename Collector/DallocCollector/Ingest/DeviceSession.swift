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
        case rejected(Rejection)
        /// A greeting in a version that this collector does not speak: answer with the one that it does.
        case otherVersion(Welcome)
    }

    enum Rejection: Hashable, Sendable {
        case malformed(Malformed)
        case beforeHello
        case unknownHeap
    }

    private struct Boot {
        /// Its row.
        let id: Int64
        var hello: DeviceHello
        var heaps: [UInt32: HeapTrack]
        var clock: ClockDiscipline
        /// The last frame that came in order; those that will never come are passed over.
        var lastSequence: UInt32
        /// The last one that really came. A device that is told so, and has nothing as old, sends a KEYFRAME.
        var lastReceived: UInt32
    }

    private var boot: Boot?

    /// The device that has greeted, and the last of its frames that came in order.
    var device: String? { boot?.hello.device }
    var bootID: Int64? { boot?.id }
    var welcome: Welcome? { boot.map { Welcome(boot: $0.hello.boot, lastStored: $0.lastReceived) } }
    var ack: Ack? { boot.map { Ack(boot: $0.hello.boot, sequence: $0.lastSequence) } }
    var clock: BootClock? { boot?.clock.clock }
    var isOneWay: Bool { boot?.hello.isOneWay ?? false }

    /// What to ask the device for behind the frames that were just received; nil when all is well, or nobody would listen.
    var request: Request? {
        guard let boot, !boot.hello.isOneWay, boot.heaps.values.contains(where: \.wantsKeyframe) else { return nil }
        return Request(boot: boot.hello.boot, keyframe: true)
    }

    /// - Parameter arrival: when it came.
    mutating func receive(_ payload: UnsafeBufferPointer<UInt8>, at arrival: Timestamp) -> Event {
        do {
            guard let base = payload.baseAddress, payload.count > 0 else { throw Malformed.truncatedField }
            switch FrameType(rawValue: base[0]) {
            case .hello: return .greeting(try DeviceHello(payload: payload))
            case .keyframe, .delta:
                return receive(try StateFrame(payload: base, count: payload.count), payload, arrival)
            default: throw Malformed.unknownFrameType
            }
        } catch let malformed as Malformed {
            if malformed == .unknownVersion, let base = payload.baseAddress,
                let boot = Hello.boot(ofAnyVersion: base, count: payload.count)
            {
                return .otherVersion(Welcome(boot: boot, lastStored: 0))
            }
            return .rejected(.malformed(malformed))
        } catch {
            return .rejected(.malformed(.truncatedField))
        }
    }

    /// True when `hello` is the boot that this session has open, unchanged: it only wants WELCOME again.
    func continues(_ hello: DeviceHello) -> Bool {
        guard let open = boot?.hello else { return false }
        return open.device == hello.device && open.boot == hello.boot && open.heaps == hello.heaps
            && open.build == hello.build
    }

    /// Begins, or goes on with, a boot.
    mutating func open(_ opened: OpenedBoot, hello: DeviceHello) {
        var heaps: [UInt32: HeapTrack] = [:]
        for heap in opened.heaps { heaps[heap.announced.number] = HeapTrack(heap) }
        boot = Boot(
            id: opened.id, hello: hello, heaps: heaps, clock: ClockDiscipline(opened.clock),
            lastSequence: opened.lastSequence, lastReceived: opened.lastSequence)
        skipLostFrames(to: hello.oldest)
    }

    /// The same boot greets again on the same line.
    mutating func greetAgain(_ hello: DeviceHello) {
        boot?.hello = hello
        skipLostFrames(to: hello.oldest)
    }

    /// The device has nothing older than `oldest`: what is missing before it will never come.
    private mutating func skipLostFrames(to oldest: UInt32) {
        guard let open = boot, oldest > 0, oldest - 1 > open.lastSequence else { return }
        let lost = oldest - 1 - open.lastSequence
        for heap in open.heaps.values { heap.loseFrames(lost) }
        boot?.lastSequence = oldest - 1
    }

    private mutating func receive(
        _ frame: StateFrame, _ payload: UnsafeBufferPointer<UInt8>, _ arrival: Timestamp
    ) -> Event {
        guard let open = boot else { return .rejected(.beforeHello) }
        let sequence = frame.state.sequence
        guard sequence > open.lastSequence else { return .duplicate }
        guard let heap = open.heaps[frame.state.heap] else { return .rejected(.unknownHeap) }
        if sequence - 1 > open.lastSequence {
            guard open.hello.isOneWay else { return .outOfOrder }
            skipLostFrames(to: sequence)
        }
        boot?.lastSequence = sequence
        boot?.lastReceived = sequence
        let tick = frame.state.tick
        var ingested = heap.receive(frame, payload: payload, time: open.clock.clock.time(of: tick))
        ingested.otherGaps = open.heaps.values.compactMap { $0.takeUnsavedGap() }
        // What the device had kept until it could connect tells nothing about its clock.
        if tick >= open.hello.tick { ingested.clock = boot?.clock.observe(tick: tick, arrival: arrival) }
        return .frame(ingested)
    }
}
