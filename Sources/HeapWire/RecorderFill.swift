// SPDX-License-Identifier: Apache-2.0
//
// How full the memory got in which a device records operations: what a DELTA tells beside the table. schema/wire.md, Recorders.

#if !hasFeature(Embedded)
    public struct RecorderFill: Equatable, Sendable {
        /// The most bytes that have been in use since the boot; at most ``size``.
        public var most: UInt32
        /// As many can be in use before an operation may be lost: 1 or more.
        public var size: UInt32
        /// When it was told.
        public var tick: UInt64
        /// How many of the frame's operations come before it.
        public var place: Int

        public init(most: UInt32, size: UInt32, tick: UInt64 = 0, place: Int = 0) {
            (self.most, self.size, self.tick, self.place) = (most, size, tick, place)
        }

        /// The number of the skipped operation.
        static var number: UInt32 { 4 }

        /// Nil when the operation is another one, or can't be read.
        init?(number: UInt32, _ bytes: [UInt8], tick: UInt64, place: Int) {
            guard number == Self.number else { return nil }
            let read = try? bytes.withUnsafeBufferPointer { bytes throws(Malformed) -> (UInt32, UInt32)? in
                guard let base = bytes.baseAddress else { return nil }
                var reader = PayloadReader(base, count: bytes.count)
                let (most, size) = (try reader.varint32(), try reader.varint32())
                return reader.remaining == 0 && most <= size && size > 0 ? (most, size) : nil
            }
            guard let (most, size) = read ?? nil else { return nil }
            self.init(most: most, size: size, tick: tick, place: place)
        }
    }
#endif
