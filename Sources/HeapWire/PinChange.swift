// SPDX-License-Identifier: Apache-2.0
//
// A block that does not move any more, or moves again: what a DELTA tells beside the table. schema/wire.md, Pinned blocks.

#if !hasFeature(Embedded)
    public struct PinChange: Equatable, Sendable {
        /// How many entries come after the block's.
        public var depth: UInt32
        /// True when it stays where it is from now on.
        public var isPinned: Bool
        /// When.
        public var tick: UInt64
        /// How many of the frame's operations come before it.
        public var place: Int

        public init(depth: UInt32, isPinned: Bool, tick: UInt64, place: Int) {
            (self.depth, self.isPinned, self.tick, self.place) = (depth, isPinned, tick, place)
        }

        /// The number of the skipped operation.
        public var number: UInt32 { isPinned ? 2 : 3 }

        /// Nil when the operation is none, or can't be read.
        init?(number: UInt32, _ bytes: [UInt8], tick: UInt64, place: Int) {
            guard number == 2 || number == 3 else { return nil }
            let depth = try? bytes.withUnsafeBufferPointer { bytes throws(Malformed) -> UInt32? in
                guard let base = bytes.baseAddress else { return nil }
                var reader = PayloadReader(base, count: bytes.count)
                let depth = try reader.varint32()
                return reader.remaining == 0 && depth < WireLimits.table ? depth : nil
            }
            guard let depth = depth ?? nil else { return nil }
            self.init(depth: depth, isPinned: number == 2, tick: tick, place: place)
        }
    }
#endif
