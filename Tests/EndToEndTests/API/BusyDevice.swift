// SPDX-License-Identifier: Apache-2.0
//
// A device whose heap is full of small blocks and that frees the first of them, again and again: each of these frees moves all the others,
// which is the most work that a few bytes of legal frames can cost.

import Foundation
import HeapHistory
import HeapWire

struct BusyDevice {
    let name: String
    private var count: Int
    private var freed = 0
    private var totals = HeapTotals()
    private var sequence: UInt32 = 0
    private var peak: UInt32 = 0
    private static let base: UInt64 = 0x2000_0000

    init(_ name: String) { (self.name, count) = (name, 0) }

    /// Sends HELLO and frames, and waits until they are stored: `blocks` blocks of 4 bytes, then `frees` frees of the first one.
    /// - Returns: the connection.
    static func report(_ name: String, to collector: RunningCollector, blocks: Int, frees: Int) async throws -> Socket {
        var device = BusyDevice(name)
        let socket = try Socket(connectedTo: collector.port)
        socket.send(device.hello())
        socket.send(device.frame(.keyframe) { $0.varint(UInt32(0)) })
        for start in stride(from: 0, to: blocks, by: 800) { socket.send(device.allocate(min(800, blocks - start))) }
        for start in stride(from: 0, to: frees, by: 800) { socket.send(device.free(min(800, frees - start))) }
        let last = Int(device.sequence)
        try await wait(for: "\(name) to be stored", seconds: 300) {
            let (data, status) = try await collector.get("v1/devices")
            guard status == 200 else { return false }
            let list = try HistoryCoding.decoder().decode(DeviceList.self, from: data)
            return list.devices.first { $0.id == name }?.heaps.first?.sequence == last
        }
        return socket
    }

    private func hello() -> [UInt8] {
        WireBytes.frame { writer in
            writer.byte(FrameType.hello.rawValue)
            writer.varint(WireLimits.version)
            writer.varint(UInt32(0))
            for text in [name, "1.0"] {
                writer.varint(UInt64(text.utf8.count))
                for byte in text.utf8 { writer.byte(byte) }
            }
            // Boot, ticks per second, tick, oldest sequence, pointer width, one heap: number, empty name, layout, traits.
            for value: UInt64 in [1, 1000, 5000, 1, 4, 1, 0, 0, Self.base, 262_144, 4, 65_535, 0] {
                writer.varint(value)
            }
        }
    }

    private mutating func allocate(_ blocks: Int) -> [UInt8] {
        var codes = OperationCodes(owners: OwnerCode(baseAddress: Self.base, pointerWidth: 4))
        var bytes: [UInt8] = []
        for _ in 0..<blocks {
            count += 1
            totals.allocations += 1
            let owner = owner(freed + count - 1)
            bytes += Self.bytes {
                HeapWire.Operation.alloc(size: 4, owner: owner).write(elapsed: 0, codes: &codes, to: $0)
            }
        }
        peak = max(peak, UInt32(count * 4))
        return delta(bytes)
    }

    private mutating func free(_ blocks: Int) -> [UInt8] {
        var codes = OperationCodes(owners: OwnerCode(baseAddress: Self.base, pointerWidth: 4))
        var bytes: [UInt8] = []
        for _ in 0..<blocks {
            let depth = UInt32(count - 1)
            bytes += Self.bytes { HeapWire.Operation.free(depth: depth).write(elapsed: 0, codes: &codes, to: $0) }
            count -= 1
            freed += 1
            totals.frees += 1
            totals.moves += UInt64(count)
            totals.bytesMoved += UInt64(count * 4)
        }
        return delta(bytes)
    }

    private mutating func delta(_ operations: [UInt8]) -> [UInt8] {
        frame(.delta) { writer in
            writer.varint(UInt32(0))
            for byte in operations { writer.byte(byte) }
        }
    }

    /// The pointer variable of the block that was allocated as number `index`; outside the heap.
    private func owner(_ index: Int) -> UInt64 { 0x1000_0000 + UInt64(index) * 4 }

    private mutating func frame(_ type: FrameType, _ body: (inout FrameWriter) -> Void) -> [UInt8] {
        sequence += 1
        var digest = TableDigest()
        for index in freed..<freed + count { digest.add(size: 4, owner: owner(index)) }
        let state = HeapState(
            sequence: sequence, heap: 0, tick: 5000 + UInt64(sequence), used: UInt32(count * 4), count: UInt32(count),
            peak: max(peak, UInt32(count * 4)), totals: totals, lost: 0, digest: digest.value)
        peak = UInt32(count * 4)
        return WireBytes.frame { writer in
            state.write(type, to: &writer)
            body(&writer)
        }
    }

    private static func bytes(_ write: (UnsafeMutablePointer<UInt8>) -> Int) -> [UInt8] {
        var room = [UInt8](repeating: 0, count: HeapWire.Operation.longest)
        let length = room.withUnsafeMutableBufferPointer { $0.baseAddress.map(write) ?? 0 }
        return Array(room[..<length])
    }
}
