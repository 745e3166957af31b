// SPDX-License-Identifier: Apache-2.0
//
// Frames as bytes on the line, made with the real codec: for devices that send what no agent would.

import HeapWire

enum WireBytes {
    static func frame(_ write: (inout FrameWriter) -> Void) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let length = bytes.withUnsafeMutableBufferPointer { buffer -> Int in
            guard let base = buffer.baseAddress else { return 0 }
            var writer = FrameWriter(ring: base, size: buffer.count, origin: 0, room: buffer.count)
            write(&writer)
            return writer.finish()
        }
        return Array(bytes[..<length])
    }

    static func hello(
        device: String, boot: UInt32 = 1, tick: UInt64 = 5000, oldest: UInt32 = 1, version: UInt32 = WireLimits.version
    ) -> [UInt8] {
        frame { writer in
            writer.byte(FrameType.hello.rawValue)
            writer.varint(version)
            writer.varint(UInt32(0))
            for text in [device, "1.0"] {
                writer.varint(UInt64(text.utf8.count))
                for byte in text.utf8 { writer.byte(byte) }
            }
            // Boot, ticks per second, tick, oldest sequence, pointer width, one heap: number, empty name, layout, traits.
            for value: UInt64 in [
                UInt64(boot), 1000, tick, UInt64(oldest), 4, 1, 0, 0, 0x2000_0000, 4096, 4, 100, 0,
            ] { writer.varint(value) }
        }
    }

    /// A KEYFRAME of an empty heap, a millisecond after the one before unless told otherwise.
    /// - Parameter operations: so many allocations and as many frees until then.
    static func keyframe(sequence: UInt32, tick: UInt64? = nil, operations: UInt64 = 0) -> [UInt8] {
        frame { writer in
            HeapState(
                sequence: sequence, heap: 0, tick: tick ?? 5000 + UInt64(sequence), used: 0, count: 0, peak: 0,
                totals: HeapTotals(allocations: operations, frees: operations), lost: 0, digest: TableDigest().value
            ).write(.keyframe, to: &writer)
            writer.varint(UInt32(0))
        }
    }
    /// A DELTA without operations whose digest is not that of an empty heap.
    static func wrongDelta(sequence: UInt32) -> [UInt8] {
        frame { writer in
            HeapState(
                sequence: sequence, heap: 0, tick: 5000 + UInt64(sequence), used: 0, count: 0, peak: 0,
                totals: HeapTotals(), lost: 0, digest: 12345
            ).write(.delta, to: &writer)
            writer.varint(UInt32(0))
        }
    }
}
