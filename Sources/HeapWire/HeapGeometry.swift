// SPDX-License-Identifier: Apache-2.0
//
// What HELLO says of one heap: all that a replica needs to calculate addresses and moves.

public struct HeapGeometry {
    /// The heap's number on its device, 0 to 255.
    public var heap: UInt32
    /// UTF-8, as sent; the bytes belong to the payload.
    public var name: UnsafeBufferPointer<UInt8>
    public var layout: HeapLayout

    /// Writes a heap of a HELLO. Each field is asked for when its turn comes, so that a device need not keep them.
    @inline(__always)
    public static func write(
        heap: @autoclosure () -> UInt32, name: @autoclosure () -> UnsafeBufferPointer<UInt8>,
        layout: @autoclosure () -> HeapLayout, to writer: inout FrameWriter
    ) {
        writer.varint(heap())
        writer.text(name())
        let layout = layout()
        writer.varint(layout.baseAddress)
        writer.varint(layout.size)
        writer.varint(layout.alignment)
        writer.varint(layout.tableSize)
        writer.varint(layout.traits.rawValue)
    }

    init(from reader: inout PayloadReader, pointerWidth: UInt32) throws(Malformed) {
        heap = try reader.varint32(0...255)
        name = try reader.bytes(0...WireLimits.heapName)
        let baseAddress = try reader.varint()
        let size = try reader.varint32()
        let alignment = try reader.varint32(1...65536)
        let tableSize = try reader.varint32(1...WireLimits.watchedTable)
        let traits = HeapTraits(rawValue: try reader.varint32(0...HeapTraits.known.rawValue))
        guard
            let layout = HeapLayout(
                baseAddress: baseAddress, size: size, alignment: alignment, tableSize: tableSize,
                pointerWidth: pointerWidth, traits: traits)
        else { throw .valueOutOfRange }
        self.layout = layout
    }
}
