// SPDX-License-Identifier: Apache-2.0
//
// What KEYFRAME and DELTA tell of a heap, as it is when the frame is written.

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
    /// ``TableDigest`` of the whole table; its low 16 bits where the frame has no figures.
    public var digest: UInt32
    /// False for a DELTA that tells the digest alone: used, gaps, liveBlocks, peak, totals and lost are 0, and follow from
    /// the operations for who knows the table.
    public var hasFigures = true

    public init(
        sequence: UInt32, heap: UInt32, tick: UInt64, used: UInt32, gaps: UInt32 = 0, liveBlocks: UInt32, peak: UInt32,
        totals: HeapTotals, lost: UInt32, digest: UInt32
    ) {
        (self.sequence, self.heap, self.tick, self.used, self.gaps) = (sequence, heap, tick, used, gaps)
        (self.liveBlocks, self.peak, self.totals, self.lost, self.digest) = (liveBlocks, peak, totals, lost, digest)
    }

    /// The most bytes that it takes in a payload, the frame's type included.
    public static var longest: Int { 1 + 5 + 2 + 10 + 5 + 5 + 3 + 5 + 5 * 10 + 5 + 4 }

    /// Writes a KEYFRAME up to its entries, which must follow: ``EntryWriter``.
    public func writeKeyframe(first: UInt32, to writer: inout FrameWriter) {
        Self.begin(FrameType.keyframe.rawValue, sequence: sequence, heap: heap, tick: tick, to: &writer)
        Self.continueKeyframe(digest: digest, first: first, to: &writer) { writeFigures(to: &$0) }
    }

    /// Ends a DELTA.
    /// - Parameter span: ticks since the one that it began with.
    public func endDelta(span: UInt32, to writer: inout FrameWriter) {
        Self.endDelta(span: span, digest: digest, hasFigures: hasFigures, to: &writer) { writeFigures(to: &$0) }
    }

    private func writeFigures(to writer: inout FrameWriter) {
        Self.writeFigures(
            used: used, gaps: gaps, liveBlocks: liveBlocks, peak: peak, allocations: totals.allocations,
            frees: totals.frees, failures: totals.failures, moves: totals.moves, bytesMoved: totals.bytesMoved,
            lost: lost, to: &writer)
    }

    // MARK: In pieces, for devices, which have no room for a state

    /// Begins a KEYFRAME or DELTA. ``continueKeyframe(digest:first:to:figures:)`` must follow, or the operations of a DELTA, from
    /// ``OperationEncoder``, and then ``endDelta(span:digest:hasFigures:to:figures:)``.
    /// - Parameters:
    ///   - type: a ``FrameType``.
    ///   - tick: of a DELTA, when its first operation happened, or before.
    @inline(__always)
    public static func begin(
        _ type: UInt8, sequence: UInt32, heap: UInt32, tick: UInt64, to writer: inout FrameWriter
    ) {
        writer.byte(heap == 0 ? type : type | FrameType.hasHeap)
        writer.varint(sequence)
        if heap != 0 { writer.varint(heap) }
        writer.varint(tick)
    }

    /// Writes a KEYFRAME up to its entries, which must follow: ``EntryWriter``.
    /// - Parameter figures: writes them.
    @inline(__always)
    public static func continueKeyframe(
        digest: UInt32, first: UInt32, to writer: inout FrameWriter, figures: (inout FrameWriter) -> Void
    ) {
        figures(&writer)
        writer.word(digest)
        writer.varint(first)
    }

    /// Ends a DELTA.
    /// - Parameters:
    ///   - span: ticks since the one that it began with.
    ///   - figures: writes them, where it has them.
    @inline(__always)
    public static func endDelta(
        span: UInt32, digest: UInt32, hasFigures: Bool, to writer: inout FrameWriter,
        figures: (inout FrameWriter) -> Void
    ) {
        let start = writer.count
        writer.varint(span)
        if hasFigures {
            figures(&writer)
            writer.word(digest)
        } else {
            writer.byte(UInt8(truncatingIfNeeded: digest))
            writer.byte(UInt8(truncatingIfNeeded: digest &>> 8))
        }
        let length = writer.count &- start
        writer.byte(UInt8(truncatingIfNeeded: length) | (hasFigures ? 0x80 : 0))
    }

    /// Each is asked for when its turn comes, so that a device need not keep them.
    @inline(__always)
    public static func writeFigures(
        used: @autoclosure () -> UInt32, gaps: @autoclosure () -> UInt32, liveBlocks: @autoclosure () -> UInt32,
        peak: @autoclosure () -> UInt32, allocations: @autoclosure () -> UInt64, frees: @autoclosure () -> UInt64,
        failures: @autoclosure () -> UInt64, moves: @autoclosure () -> UInt64, bytesMoved: @autoclosure () -> UInt64,
        lost: @autoclosure () -> UInt32, to writer: inout FrameWriter
    ) {
        writer.varint(used())
        writer.varint(gaps())
        writer.varint(liveBlocks())
        writer.varint(peak())
        writer.varint(allocations())
        writer.varint(frees())
        writer.varint(failures())
        writer.varint(moves())
        writer.varint(bytesMoved())
        writer.varint(lost())
    }

    /// Sequence, heap and tick, after the frame's type.
    init(_ type: UInt8, from reader: inout PayloadReader) throws(Malformed) {
        sequence = try reader.varint32(1...UInt32.max)
        heap = type & FrameType.hasHeap == 0 ? 0 : try reader.varint32(1...255)
        tick = try reader.varint()
        guard tick <= WireLimits.tick else { throw .valueOutOfRange }
        (used, gaps, liveBlocks, peak, totals, lost, digest) = (0, 0, 0, 0, HeapTotals(), 0, 0)
        hasFigures = false
    }

    mutating func readFigures(from reader: inout PayloadReader) throws(Malformed) {
        hasFigures = true
        used = try reader.varint32()
        gaps = try reader.varint32()
        liveBlocks = try reader.varint32(0...WireLimits.watchedTable)
        peak = try reader.varint32()
        totals = HeapTotals(
            allocations: try reader.varint(), frees: try reader.varint(), failures: try reader.varint(),
            moves: try reader.varint(), bytesMoved: try reader.varint())
        guard totals.isPlausible else { throw .valueOutOfRange }
        lost = try reader.varint32()
        digest = try reader.word()
    }
}
