// SPDX-License-Identifier: Apache-2.0
//
// The fields that KEYFRAME and DELTA have in common: the heap as it is when the frame is written.

public struct HeapState: Equatable, Sendable {
    /// One series per boot, over all heaps, from 1.
    public var sequence: UInt32
    /// The heap's number on its device.
    public var heap: UInt32
    /// The device's clock.
    public var tick: UInt64
    /// Bytes in use, padding included.
    public var used: UInt32
    /// Bytes in gaps between blocks; 0 but in lazy heaps. The last block ends at used + gaps.
    public var gaps: UInt32
    /// Entries in the table; `count` in schema/wire.md.
    public var liveBlocks: UInt32
    /// Highest `used` since the heap's last frame.
    public var peak: UInt32
    /// Running totals since the heap was made.
    public var totals: HeapTotals
    /// Operations since the heap's last frame that the recorder could not keep.
    public var lost: UInt32
    /// ``TableDigest`` of the whole table.
    public var digest: UInt32

    public init(
        sequence: UInt32, heap: UInt32, tick: UInt64, used: UInt32, gaps: UInt32 = 0, liveBlocks: UInt32, peak: UInt32,
        totals: HeapTotals, lost: UInt32, digest: UInt32
    ) {
        (self.sequence, self.heap, self.tick, self.used, self.gaps) = (sequence, heap, tick, used, gaps)
        (self.liveBlocks, self.peak, self.totals, self.lost, self.digest) = (liveBlocks, peak, totals, lost, digest)
    }

    /// The most bytes that it takes in a payload, the frame's type included.
    public static var longest: Int { 1 + 5 + 2 + 10 + 5 + 5 + 3 + 5 + 5 * 10 + 5 + 4 }

    /// Writes a KEYFRAME or DELTA up to its entries or operations, which must follow: ``EntryWriter``,
    /// ``OperationWriter``.
    @inline(__always)
    public func write(_ body: StateFrame.Body, to writer: inout FrameWriter) {
        writer.byte(body.type.rawValue)
        writer.varint(sequence)
        writer.varint(heap)
        writer.varint(tick)
        writer.varint(used)
        writer.varint(gaps)
        writer.varint(liveBlocks)
        writer.varint(peak)
        writer.varint(totals.allocations)
        writer.varint(totals.frees)
        writer.varint(totals.failures)
        writer.varint(totals.moves)
        writer.varint(totals.bytesMoved)
        writer.varint(lost)
        writer.word(digest)
        writer.varint(body.number)
    }

    init(from reader: inout PayloadReader) throws(Malformed) {
        sequence = try reader.varint32(1...UInt32.max)
        heap = try reader.varint32(0...255)
        tick = try reader.varint()
        guard tick <= WireLimits.tick else { throw .valueOutOfRange }
        used = try reader.varint32()
        gaps = try reader.varint32()
        liveBlocks = try reader.varint32(0...WireLimits.table)
        peak = try reader.varint32()
        totals = HeapTotals(
            allocations: try reader.varint(), frees: try reader.varint(), failures: try reader.varint(),
            moves: try reader.varint(), bytesMoved: try reader.varint())
        guard totals.isPlausible else { throw .valueOutOfRange }
        lost = try reader.varint32()
        digest = try reader.word()
    }
}
