// SPDX-License-Identifier: Apache-2.0
//
// Reads a stream of frames as a collector does, and tells the table after each one in the words of schema/reference.

import Foundation
import HeapReplica
import HeapWire

final class TableReader {
    private final class Heap {
        let memory: UnsafeMutablePointer<ReplicaEntry>
        let name: String
        var replica: HeapReplica

        init(_ name: String, _ layout: HeapLayout) {
            self.name = name
            memory = .allocate(capacity: Int(layout.tableSize))
            memory.initialize(repeating: ReplicaEntry(size: 0, offset: 0, owner: 0), count: Int(layout.tableSize))
            replica = HeapReplica(
                layout: layout, entries: memory, capacity: Int(layout.tableSize), keepsDoubt: false)
        }

        deinit { memory.deallocate() }
    }

    private var heaps: [UInt32: Heap] = [:]
    /// Device and boot: numbers go on while HELLO repeats both.
    private var identity: [String] = []
    private var lastSequence: UInt32 = 0

    /// The tables after the KEYFRAMEs and DELTAs of `line` that tell something new.
    func read(_ line: [UInt8]) -> [TableLine] {
        var tables: [TableLine] = []
        var buffer = [UInt8](repeating: 0, count: WireLimits.payload + WireLimits.checksum)
        buffer.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            var reader = FrameReader(buffer: base, capacity: buffer.count)
            for byte in line {
                // To the frames after it, a malformed frame is a lost one.
                guard let length = try? reader.feed(byte) else { continue }
                if let table = try? take(base, length) { tables.append(table) }
            }
        }
        return tables
    }

    private func take(_ payload: UnsafePointer<UInt8>, _ count: Int) throws -> TableLine? {
        switch FrameType(first: payload[0]) {
        case .hello:
            greet(try Hello(payload: payload, count: count))
            return nil
        case .keyframe, .delta: return try apply(StateFrame(payload: payload, count: count))
        default: return nil
        }
    }

    private func greet(_ hello: Hello) {
        var hello = hello
        let same = [String(decoding: hello.device, as: UTF8.self), "\(hello.boot)"]
        if same != identity { (identity, lastSequence, heaps) = (same, 0, [:]) }
        var announced: [UInt32: Heap] = [:]
        while let heap = try? hello.nextHeap() {
            let (name, known) = (String(decoding: heap.name, as: UTF8.self), heaps[heap.heap])
            // One that is announced as it was goes on.
            let isSame = known?.name == name && known?.replica.layout == heap.layout
            announced[heap.heap] = isSame ? known : Heap(name, heap.layout)
        }
        heaps = announced
    }

    private func apply(_ frame: StateFrame) throws -> TableLine? {
        let sequence = frame.state.sequence
        guard sequence > lastSequence, let heap = heaps[frame.state.heap] else { return nil }
        if sequence - 1 > lastSequence { for heap in heaps.values { heap.replica.forget() } }
        lastSequence = sequence
        _ = try heap.replica.apply(frame)
        return TableLine(
            sequence: sequence, heap: frame.state.heap, standing: "\(heap.replica.standing)",
            table: (0..<Int(heap.replica.known)).map {
                Self.words(heap.replica[$0], gap: heap.replica.gap(before: $0), heap.replica.layout)
            })
    }

    private static func words(_ entry: ReplicaEntry, gap: UInt64, _ layout: HeapLayout) -> String {
        WireText.hex(layout.baseAddress &+ entry.offset) + ": size \(entry.size)"
            + (layout.isWatched ? "" : ", owner \(WireText.hex(entry.owner))")
            + (layout.isLazy ? ", gap \(gap)" : "")
            + (layout.hasCallSites ? ", call site \(WireText.hex(entry.callSite))" : "")
    }
}
