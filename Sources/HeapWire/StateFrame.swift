// SPDX-License-Identifier: Apache-2.0
//
// KEYFRAME and DELTA: the state of a heap, then entries of its table or the operations that led to it.

public struct StateFrame {
    public enum Body {
        /// Entries of the table from `first` on, to the end of the payload.
        case keyframe(first: UInt32)
        /// Operations, to the end of the payload; the first is at most `span` ticks before the frame's tick.
        case delta(span: UInt32)

        @inline(__always)
        var type: FrameType {
            if case .keyframe = self { .keyframe } else { .delta }
        }

        /// The number that follows the state.
        @inline(__always)
        var number: UInt32 {
            switch self {
            case .keyframe(let first): first
            case .delta(let span): span
            }
        }
    }

    public var state: HeapState
    public var body: Body
    var rest: PayloadReader

    /// Reads the fields up to the entries or operations; those are read by ``HeapReplica``, or one by one.
    public init(payload: UnsafePointer<UInt8>, count: Int) throws(Malformed) {
        var reader = PayloadReader(payload, count: count)
        switch FrameType(rawValue: try reader.byte()) {
        case .keyframe:
            state = try HeapState(from: &reader)
            let first = try reader.varint32(0...WireLimits.table)
            body = .keyframe(first: first)
        case .delta:
            state = try HeapState(from: &reader)
            let span = try reader.varint32()
            guard UInt64(wide: span) <= state.tick else { throw .valueOutOfRange }
            body = .delta(span: span)
        default: throw .unknownFrameType
        }
        rest = reader
    }

    /// The operations of a DELTA, from the first on; nil for a KEYFRAME.
    public func operations(in layout: HeapLayout) -> OperationReader? {
        guard case .delta(let span) = body else { return nil }
        return OperationReader(rest, tick: state.tick &- UInt64(wide: span), end: state.tick, layout: layout)
    }

    /// The entries of a KEYFRAME, from the first on; nil for a DELTA.
    public func entries(in layout: HeapLayout) -> EntryReader? {
        guard case .keyframe = body else { return nil }
        return EntryReader(rest, layout: layout)
    }
}
