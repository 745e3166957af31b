// SPDX-License-Identifier: Apache-2.0
//
// A device whose heap is full of small blocks and that frees the first of them, again and again: each of these frees moves all the others,
// which is the most work that a few bytes of legal frames can cost.

import Foundation
import HeapHistory
import HeapWire
import TestSupport

struct BusyDevice {
    let name: String
    private var count: Int
    private var freed = 0
    private var totals = HeapTotals()
    private var sequence: UInt32 = 0
    private var peak: UInt32 = 0
    private static let layout = WireBytes.layout(size: 262_144, tableSize: 65_535)
    private static var base: UInt64 { layout.baseAddress }

    init(_ name: String) { (self.name, count) = (name, 0) }

    /// Sends HELLO and frames, and waits until they are stored: `blocks` blocks of 4 bytes, then `frees` frees of the first one.
    /// - Returns: the connection.
    static func report(_ name: String, to collector: RunningCollector, blocks: Int, frees: Int) async throws -> Socket {
        var device = BusyDevice(name)
        var frames = [device.hello(), device.keyframe()]
        for start in stride(from: 0, to: blocks, by: 800) { frames.append(device.allocate(min(800, blocks - start))) }
        for start in stride(from: 0, to: frees, by: 800) { frames.append(device.free(min(800, frees - start))) }
        var socket = try Socket(connectedTo: collector.port)
        for frame in frames { socket.send(frame) }
        let last = Int(device.sequence)
        try await wait(for: "\(name) to be stored", seconds: 300) {
            // A collector that has too many connections ends new ones; a device comes again.
            if socket.receive(milliseconds: 0)?.isEmpty == true {
                socket = try Socket(connectedTo: collector.port)
                for frame in frames { socket.send(frame) }
            }
            let (data, status) = try await collector.get("v1/devices")
            guard status == 200 else { return false }
            let list = try HistoryCoding.decoder().decode(DeviceList.self, from: data)
            return list.devices.first { $0.id == name }?.heaps.first?.sequence == last
        }
        return socket
    }

    private func hello() -> [UInt8] {
        let hello = OwnedHello(
            device: name, build: "1.0", boot: 1, tick: 5000, heaps: [OwnedHello.Heap(layout: Self.layout)])
        return FrameWriter.line { hello.write(to: &$0) }
    }

    private mutating func allocate(_ blocks: Int) -> [UInt8] {
        var written = OperationBytes(layout: Self.layout)
        for _ in 0..<blocks {
            count += 1
            totals.allocations += 1
            let owner = owner(freed + count - 1)
            written.append(.alloc(size: 4, owner: owner))
        }
        peak = max(peak, UInt32(count * 4))
        return delta(written)
    }

    private mutating func free(_ blocks: Int) -> [UInt8] {
        var written = OperationBytes(layout: Self.layout)
        for _ in 0..<blocks {
            let depth = UInt32(count - 1)
            written.append(.free(depth: depth))
            count -= 1
            freed += 1
            totals.frees += 1
            totals.moves += UInt64(count)
            totals.bytesMoved += UInt64(count * 4)
        }
        return delta(written)
    }

    private mutating func delta(_ operations: OperationBytes) -> [UInt8] {
        let state = state()
        return FrameWriter.line { operations.write(state, to: &$0) }
    }

    private mutating func keyframe() -> [UInt8] {
        let state = state()
        return FrameWriter.line { state.writeKeyframe(layout: Self.layout, to: &$0) }
    }

    /// The pointer variable of the block that was allocated as number `index`; outside the heap.
    private func owner(_ index: Int) -> UInt64 { 0x1000_0000 + UInt64(index) * 4 }

    private mutating func state() -> HeapState {
        sequence += 1
        var digest = TableDigest()
        for index in freed..<freed + count { digest.add(size: 4, owner: owner(index)) }
        let state = HeapState(
            sequence: sequence, heap: 0, tick: 5000 + UInt64(sequence), used: UInt32(count * 4),
            liveBlocks: UInt32(count),
            peak: max(peak, UInt32(count * 4)), totals: totals, lost: 0, digest: digest.value)
        peak = UInt32(count * 4)
        return state
    }
}
