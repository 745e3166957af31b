// SPDX-License-Identifier: Apache-2.0
//
// The other end of an agent's line: it decodes with the real codec, keeps the frames it acknowledged, and can be as
// slow, deaf or far away as a test wants.

import CDallocAgent
import HeapReplica
import HeapWire

final class TestCollector {
    // What the line does.
    var isUp = true
    var bytesPerWrite: Int32 = .max
    /// Accepts this many bytes more, and then the line is lost.
    var bytesUntilLoss: Int?
    var answers = true
    var acknowledges = true
    /// Answers, but stores nothing, as a collector with a full disk.
    var isFull = false
    /// Takes what comes, and nobody gets it: the other side is gone, and nothing has said so.
    var isHalfOpen = false
    /// The link is a connection: it can be reset. Each new one is whole again when `healsAtReset`.
    var isConnection = false
    var healsAtReset = false
    /// Frames with these sequence numbers are dropped the first time they come.
    var dropOnce: Set<UInt32> = []

    // What has come.
    private(set) var resets = 0
    private(set) var hellos = 0
    /// Bytes that the device has sent.
    private(set) var received = 0
    private(set) var states: [HeapState] = []
    /// The boot of each of them.
    private(set) var boots: [UInt32] = []
    /// HELLOs whose clock was before that of a frame of their boot: the real collector would take it for another run.
    private(set) var runs = 0
    private(set) var bodies: [StateFrame.Body] = []
    private(set) var verdicts: [HeapReplica.Verdict] = []
    /// What the frames tell, as far as it can be read without the table.
    private(set) var told: [(sums: AllocationSums?, operations: [HeapWire.Operation])] = []
    /// What the last HELLO offered.
    /// Pins and unpins, of all frames.
    private(set) var pins: [PinChange] = []
    /// What they tell of the recorder.
    private(set) var fills: [RecorderFill] = []
    private(set) var capabilities = Capabilities.none
    private(set) var duplicates = 0
    private(set) var rejected: [Malformed] = []
    /// The layout that HELLO had announced when the frame in `states` came.
    private(set) var layouts: [HeapLayout?] = []
    /// HELLOs that said that frames are gone for good.
    private(set) var gaps = 0
    private(set) var tables: [UInt32: TestTable] = [:]
    var lastStored: UInt32 = 0
    var isOneWay = false

    private var toDevice: [UInt8] = []
    private let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: 4100)
    private var reader: FrameReader
    private var boot: UInt32 = 0
    /// Of each boot but the one that has greeted last.
    private var others: [UInt32: (lastStored: UInt32, tables: [UInt32: TestTable])] = [:]
    /// The highest of its frames, and of its first HELLO.
    private var lastTicks: [UInt32: UInt64] = [:]

    init() {
        buffer.initialize(repeating: 0, count: 4100)
        reader = FrameReader(buffer: buffer, capacity: 4100)
    }

    deinit { buffer.deallocate() }

    func makeLink() -> dalloc_link_t {
        var link = dalloc_link_t()
        link.context = Unmanaged.passUnretained(self).toOpaque()
        link.is_up = { context in TestCollector.of(context)?.isUp ?? false }
        link.write = { context, bytes, count in
            guard let collector = TestCollector.of(context), let bytes else { return -1 }
            return collector.take(UnsafeBufferPointer(start: bytes, count: Int(count)))
        }
        if isConnection {
            link.reset = { context in
                guard let collector = TestCollector.of(context) else { return }
                collector.resets += 1
                collector.toDevice = []
                if collector.healsAtReset { collector.isHalfOpen = false }
            }
        }
        if !isOneWay {
            link.read = { context, bytes, count in
                guard let collector = TestCollector.of(context), let bytes else { return -1 }
                let piece = min(collector.toDevice.count, Int(count))
                for index in 0..<piece { bytes[index] = collector.toDevice[index] }
                collector.toDevice.removeFirst(piece)
                return Int32(piece)
            }
        }
        return link
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> TestCollector? {
        context.map { Unmanaged<TestCollector>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Its disk is another one.
    func forgetAll() { (lastStored, tables, others, states, boots, verdicts, told) = (0, [:], [:], [], [], [], []) }

    /// The numbers of what is stored of a boot, in the order in which they came.
    func sequences(of boot: UInt32) -> [UInt32] {
        zip(boots, states).filter { $0.0 == boot }.map(\.1.sequence)
    }

    func send(_ bytes: [UInt8]) { toDevice += bytes }

    func send(_ write: (inout FrameWriter) -> Void) {
        toDevice += FrameWriter.line(write)
    }

    /// Takes a chunk as the body of a request. Returns the replies.
    func answer(to chunk: [UInt8]) -> [UInt8] {
        chunk.withUnsafeBufferPointer { feed($0[...]) }
        defer { toDevice = [] }
        return toDevice
    }

    private func take(_ bytes: UnsafeBufferPointer<UInt8>) -> Int32 {
        if isHalfOpen { return Int32(bytes.count) }
        if let left = bytesUntilLoss, left < bytes.count {
            bytesUntilLoss = nil
            feed(bytes.prefix(left))
            toDevice = []
            return -1
        }
        let count = min(bytes.count, Int(bytesPerWrite))
        if let left = bytesUntilLoss { bytesUntilLoss = left - count }
        feed(bytes.prefix(count))
        return Int32(count)
    }

    private func feed(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) {
        received += bytes.count
        for byte in bytes {
            do throws(Malformed) {
                if let length = try reader.feed(byte) { try receive(length) }
            } catch {
                rejected.append(error)
            }
        }
    }

    private func receive(_ length: Int) throws(Malformed) {
        if FrameType(first: buffer[0]) == .hello {
            var hello = try Hello(payload: buffer, count: length)
            if hellos > 0, hello.boot != boot {
                others[boot] = (lastStored, tables)
                (lastStored, tables) = others[hello.boot] ?? (0, [:])
            }
            if hello.tick < lastTicks[hello.boot, default: hello.tick] { runs += 1 }
            if lastTicks[hello.boot] == nil { lastTicks[hello.boot] = hello.tick }
            (hellos, boot, capabilities) = (hellos + 1, hello.boot, hello.capabilities)
            while let heap = try hello.nextHeap() {
                if tables[heap.heap]?.replica.layout != heap.layout { tables[heap.heap] = TestTable(heap.layout) }
            }
            if answers, !isOneWay {
                let welcome = Welcome(boot: boot, lastStored: lastStored)
                send { welcome.write(to: &$0) }
            }
            if hello.oldest > lastStored + 1 {
                (lastStored, gaps) = (hello.oldest - 1, gaps + 1)
                for table in tables.values { table.replica.forget() }
            }
            return
        }
        let frame = try StateFrame(payload: buffer, count: length)
        if isFull { return }
        if dropOnce.remove(frame.state.sequence) != nil { return }
        guard frame.state.sequence == lastStored + 1 || isOneWay else {
            duplicates += frame.state.sequence <= lastStored ? 1 : 0
            return acknowledge()
        }
        lastStored = frame.state.sequence
        lastTicks[boot] = max(lastTicks[boot] ?? 0, frame.state.tick)
        boots.append(boot)
        bodies.append(frame.body)
        layouts.append(tables[frame.state.heap]?.replica.layout)
        told.append(try tell(frame))
        if let table = tables[frame.state.heap] { verdicts.append(try table.replica.apply(frame)) }
        states.append(tables[frame.state.heap]?.replica.completed(frame.state) ?? frame.state)
        acknowledge()
    }

    private func tell(
        _ frame: StateFrame
    ) throws(Malformed) -> (sums: AllocationSums?, operations: [HeapWire.Operation]) {
        guard let layout = tables[frame.state.heap]?.replica.layout, var reader = frame.operations(in: layout) else {
            return (nil, [])
        }
        var operations: [HeapWire.Operation] = []
        while let operation = try reader.next() { operations.append(operation) }
        pins += reader.pins
        fills += reader.fills
        return (frame.sums(in: layout), operations)
    }

    private func acknowledge() {
        guard acknowledges, !isOneWay else { return }
        let ack = Ack(boot: boot, sequence: lastStored)
        send { ack.write(to: &$0) }
    }
}

final class TestTable {
    var replica: HeapReplica
    private let memory: UnsafeMutablePointer<ReplicaEntry>

    init(_ layout: HeapLayout) {
        memory = .allocate(capacity: Int(layout.tableSize))
        memory.initialize(repeating: ReplicaEntry(size: 0, offset: 0, owner: 0), count: Int(layout.tableSize))
        replica = HeapReplica(layout: layout, entries: memory, capacity: Int(layout.tableSize))
    }

    deinit { memory.deallocate() }
}
