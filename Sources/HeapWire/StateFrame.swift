// SPDX-License-Identifier: Apache-2.0
//
// KEYFRAME and DELTA: entries of a heap's table, or the operations that led to it, and the heap's state.

public struct StateFrame {
    public enum Body {
        /// Entries of the table from `first` on.
        case keyframe(first: UInt32)
        /// Operations; none is earlier than the tick `from`.
        case delta(from: UInt64)
    }

    public var state: HeapState
    public var body: Body
    var rest: PayloadReader

    /// Which blocks a KEYFRAME of a watched heap lists.
    public enum Listing: Equatable, Sendable {
        /// The heap can't be listed.
        case none
        /// From the first one, or from where the part before ended, to the last entry.
        case blocks(isFirst: Bool)
    }

    /// Reads all but the entries or operations; those are read by ``HeapReplica``, or one by one.
    public init(payload: UnsafePointer<UInt8>, count: Int) throws(Malformed) {
        var reader = PayloadReader(payload, count: count)
        let type = try reader.byte()
        switch FrameType(first: type) {
        case .keyframe:
            state = try HeapState(type, from: &reader)
            try state.readFigures(from: &reader)
            body = .keyframe(first: try reader.varint32(0...WireLimits.table))
            rest = reader
        case .delta:
            state = try HeapState(type, from: &reader)
            body = .delta(from: state.tick)
            // The end is found by its length, which is the last byte.
            let ending = try reader.lastByte()
            var end = try reader.cutEnd(Int(ending & 0x7F) &+ 1)
            rest = reader
            let span = try end.varint32()
            if ending & 0x80 != 0 {
                try state.readFigures(from: &end)
            } else {
                state.digest = UInt32(try end.byte()) | UInt32(try end.byte()) &<< 8
            }
            // The ending itself is left.
            guard end.remaining == 1 else { throw end.remaining == 0 ? .truncatedField : .trailingBytes }
            state.tick &+= UInt64(wide: span)
            guard state.tick <= WireLimits.tick else { throw .valueOutOfRange }
        default: throw .unknownFrameType
        }
    }

    /// The operations of a DELTA, from the first on; nil for a KEYFRAME.
    public func operations(in layout: HeapLayout) -> OperationReader? {
        guard case .delta(let tick) = body else { return nil }
        return OperationReader(rest, tick: tick, end: state.tick, layout: layout)
    }

    /// The entries of a KEYFRAME, from the first on; nil for a DELTA, and for a watched heap: see ``listing(in:)``.
    public func entries(in layout: HeapLayout) -> EntryReader? {
        guard case .keyframe = body, !layout.isWatched else { return nil }
        return EntryReader(rest, layout: layout)
    }

    /// What a KEYFRAME of a watched heap lists; nil for other frames.
    public func listing(in layout: HeapLayout) throws(Malformed) -> (listing: Listing, entries: EntryReader)? {
        guard case .keyframe(let first) = body, layout.isWatched else { return nil }
        let entries = EntryReader(rest, layout: layout)
        switch first {
        case 0, 1: return (.blocks(isFirst: first == 0), entries)
        case 2:
            guard rest.remaining == 0 else { throw .trailingBytes }
            return (.none, entries)
        default: throw .valueOutOfRange
        }
    }
}
