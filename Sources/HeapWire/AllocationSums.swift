// SPDX-License-Identifier: Apache-2.0
//
// What the allocations of a heap came to since its last frame: an operation of a summary. schema/wire.md, Summaries.

#if !hasFeature(Embedded)
    public struct AllocationSums: Equatable, Sendable {
        /// Allocations that have something in common.
        public struct Sum: Equatable, Sendable {
            public var allocations: UInt32
            /// What they asked for, padding not included; below 2^62.
            public var bytes: UInt64

            public init(allocations: UInt32, bytes: UInt64) { (self.allocations, self.bytes) = (allocations, bytes) }
        }

        public struct Tag: Equatable, Sendable {
            /// The call site; in a heap without call sites the owner.
            public var tag: UInt64
            public var sum: Sum

            public init(_ tag: UInt64, allocations: UInt32, bytes: UInt64) {
                (self.tag, sum) = (tag, Sum(allocations: allocations, bytes: bytes))
            }
        }

        /// Of all tags that are not among ``tags``.
        public var others: Sum
        public var tags: [Tag]

        public init(others: Sum, tags: [Tag] = []) { (self.others, self.tags) = (others, tags) }

        /// The number of the skipped operation.
        static var number: UInt32 { 1 }

        /// Nil when they can't be read.
        /// - Parameter hasTags: false in a watched heap without call sites.
        init?(_ bytes: [UInt8], pointerWidth: UInt32, hasTags: Bool) {
            let read = try? bytes.withUnsafeBufferPointer { bytes throws(Malformed) -> AllocationSums? in
                guard let base = bytes.baseAddress else { return nil }
                var reader = PayloadReader(base, count: bytes.count)
                var sums = AllocationSums(others: try Self.sum(from: &reader))
                var tag: UInt64 = 0
                while reader.remaining > 0 {
                    guard hasTags else { return nil }
                    tag &+= UInt64(bitPattern: Varint.unzigzag(try reader.varint()))
                    if pointerWidth == 4 { tag &= 0xFFFF_FFFF }
                    // 255 bytes have room for 84 of them.
                    guard !sums.tags.contains(where: { $0.tag == tag }) else { return nil }
                    let sum = try Self.sum(from: &reader)
                    sums.tags.append(Tag(tag, allocations: sum.allocations, bytes: sum.bytes))
                }
                return sums
            }
            guard let sums = read ?? nil else { return nil }
            self = sums
        }

        private static func sum(from reader: inout PayloadReader) throws(Malformed) -> Sum {
            let sum = Sum(allocations: try reader.varint32(), bytes: try reader.varint())
            guard sum.bytes < WireLimits.sum else { throw .valueOutOfRange }
            return sum
        }

        /// The bytes of the operation.
        func numbers(pointerWidth: UInt32) -> [UInt64] {
            var (numbers, previous) = ([UInt64(wide: others.allocations), others.bytes], UInt64(0))
            for tag in tags {
                let distance = OperationEncoder.distance(
                    from: UInt(truncatingIfNeeded: previous), to: UInt(truncatingIfNeeded: tag.tag), pointerWidth)
                previous = tag.tag
                numbers += [
                    UInt64(OperationEncoder.zigzag(distance)), UInt64(wide: tag.sum.allocations), tag.sum.bytes,
                ]
            }
            return numbers
        }
    }

    extension StateFrame {
        /// The sums of a summary; nil for any other frame.
        public func sums(in layout: HeapLayout) -> AllocationSums? {
            guard state.lost > 0, var operations = operations(in: layout) else { return nil }
            while (try? operations.next()) != nil, operations.sums == nil {}
            return operations.sums
        }
    }
#endif
