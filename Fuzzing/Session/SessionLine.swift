// SPDX-License-Identifier: Apache-2.0
//
// Both ends of a line: a device with what it has not sent or may have to send again, and the collector's session with its history.

import HeapHistory
import HeapWire

struct SessionLine {
    private let layouts: [HeapLayout]
    private let isOneWay: Bool
    private var device: ModelDevice
    private var boot: UInt32 = 1
    /// What the device keeps, the oldest first, and how much of it went out on this connection.
    private var kept: [ModelDevice.Frame] = []
    private var sent = 0
    private var everything: [ModelDevice.Frame] = []

    private var history = SessionHistory()
    private var session = DeviceSession()
    private var pending: [IngestedFrame] = []
    /// The last frame that this session took; nil before it was opened.
    private var lastTaken: UInt32?
    private var now: Int64 = 1_700_000_000_000_000

    init(_ layouts: [HeapLayout], isOneWay: Bool) {
        (self.layouts, self.isOneWay) = (layouts, isOneWay)
        device = ModelDevice(layouts: layouts, tick: 1000)
    }

    // MARK: The device

    mutating func work(_ kind: Int, _ input: inout FuzzInput) {
        device.step(kind, heap: input.choice(of: layouts.count), &input)
    }

    private mutating func keep(_ frame: ModelDevice.Frame) {
        kept.append(frame)
        everything.append(frame)
        history.note(frame, boot: boot)
    }

    private mutating func cut(_ heap: Int) { keep(device.delta(heap: heap)) }

    private mutating func cutTable(_ heap: Int) {
        if device.heaps[heap].hasNews { cut(heap) }
        var isFirst = true
        repeat {
            guard let frame = device.keyframe(heap: heap, most: 100, startsOver: isFirst) else { return }
            keep(frame)
            isFirst = false
        } while device.heaps[heap].isInParts
    }

    private func hello() -> [UInt8] {
        PayloadBytes.hello(
            device: "fuzzed", boot: boot, tick: device.tick, oldest: kept.first?.sequence ?? device.sequence + 1,
            layouts: layouts, isOneWay: isOneWay)
    }

    /// The device starts anew, and what it kept is gone.
    private mutating func reset() {
        boot += 1
        device = ModelDevice(layouts: layouts, tick: 1000)
        (kept, everything) = ([], [])
        hangUp()
    }

    // MARK: What happens

    /// Kinds of steps that ``step(_:_:)`` knows.
    static let kinds = 14

    mutating func step(_ kind: Int, _ input: inout FuzzInput) {
        switch kind {
        case 0: cut(input.choice(of: layouts.count))
        case 1: cutTable(input.choice(of: layouts.count))
        case 2: device.overflow(heap: input.choice(of: layouts.count))
        case 3: connect()
        case 4, 5: if sent < kept.count { sendNext() }
        // Lost on the way.
        case 6: if sent < kept.count { sent += 1 }
        // Late, or once more.
        case 7: if !everything.isEmpty { receive(everything[input.choice(of: everything.count)].payload) }
        case 8: acknowledge()
        // Nothing comes any more; what is not on disk is gone with the collector.
        case 9: hangUp()
        case 10: reset()
        // The device's memory is full, or its agent has started again.
        case 11:
            let count = min(input.choice(of: 8), kept.count)
            kept.removeFirst(count)
            sent = max(0, sent - count)
        case 12: now += Int64(input.number() & 0xFFFF_FFFF)
        default:
            history.distrust()
            receive(input.block())
        }
    }

    private mutating func sendNext() {
        sent += 1
        receive(kept[sent - 1].payload)
        if isOneWay {
            kept.removeFirst(sent)
            sent = 0
        }
    }

    private mutating func connect() {
        hangUp()
        receive(hello())
    }

    private mutating func hangUp() {
        session = DeviceSession()
        (pending, lastTaken, sent) = ([], nil, 0)
    }

    /// Commits, then acknowledges; the device forgets what it need not send again.
    private mutating func acknowledge() {
        commit()
        guard !isOneWay, let ack = session.ack, ack.boot == boot else { return }
        hold(
            ack.sequence <= history.lastSequence(boot), "acknowledged is stored")
        while let first = kept.first, first.sequence <= ack.sequence {
            hold(history.has(first, boot) || !history.isTrusted, "frame \(first.sequence) was stored")
            kept.removeFirst()
            sent = max(0, sent - 1)
        }
    }

    private mutating func commit() {
        guard let id = session.bootID else { return }
        history.commit(pending, boot: id)
        pending = []
    }

    private mutating func receive(_ payload: [UInt8]) {
        let event = payload.withUnsafeBufferPointer {
            session.receive($0, at: Timestamp(microseconds: now), uptime: UInt64(bitPattern: now))
        }
        switch event {
        case .greeting(let hello):
            commit()
            if session.continues(hello) {
                session.greetAgain(hello)
            } else {
                session = DeviceSession()
                session.open(history.open(hello, at: now), hello: hello)
                lastTaken = history.lastSequence(hello.boot)
            }
            hold(session.welcome?.boot == hello.boot, "a greeting is answered")
        case .frame(let frame):
            let sequence = frame.record.frame.sequence
            hold(lastTaken.map { sequence > $0 } ?? false, "frame \(sequence) is new")
            lastTaken = sequence
            pending.append(frame)
        case .anotherRun(let hello):
            commit()
            session.open(history.open(hello, at: now, startsOver: true), hello: hello)
            lastTaken = 0
            let event = payload.withUnsafeBufferPointer {
                session.receive($0, at: Timestamp(microseconds: now), uptime: UInt64(bitPattern: now))
            }
            if case .anotherRun = event { hold(false, "a new run takes frames") }
        case .duplicate, .outOfOrder, .skipped, .otherVersion, .rejected: break
        }
        hold(pending.count < 100_000, "pending frames are those that came")
    }

    // MARK: The end

    /// The line becomes good: all is known again.
    mutating func finish() {
        for heap in layouts.indices { cutTable(heap) }
        connect()
        while sent < kept.count { sendNext() }
        commit()
        history.audit()
        guard history.isTrusted else { return }
        for heap in layouts.indices { hold(history.isExact(heap, boot), "heap \(heap) is known in the end") }
    }
}
