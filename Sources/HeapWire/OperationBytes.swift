// SPDX-License-Identifier: Apache-2.0
//
// The operations of a DELTA as an array, for programs that have a heap.

#if !hasFeature(Embedded)
    public struct OperationBytes {
        /// At bytes that are gone; each call goes on at those of `room`.
        private var writer: OperationWriter?
        private var room: [UInt8] = []
        private let layout: HeapLayout

        public init(layout: HeapLayout) {
            self.layout = layout
        }

        public var isEmpty: Bool { writer == nil }
        /// What they take.
        public var count: Int { writer?.byteCount ?? 0 }

        /// Adds an operation, `elapsed` ticks after the one before it.
        /// - Parameter left: the variable that owned the block until now, of a free or reown; 0 for an orphan, and where it
        ///   is not known: then no later owner is written as this one.
        public mutating func append(_ operation: Operation, leaving left: UInt64 = 0, elapsed: UInt32 = 0) {
            let needed = count + Operation.longest + OperationWriter.slack
            if room.count < needed { room += [UInt8](repeating: 0, count: needed) }
            room.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                let address = UInt(truncatingIfNeeded: layout.baseAddress)
                var writer =
                    writer.map { OperationWriter(base, after: $0) } ?? OperationWriter(base, baseAddress: address)
                writer.write(
                    operation.fields(leaving: UInt(truncatingIfNeeded: left)), elapsed: elapsed,
                    pointerWidth: layout.pointerWidth, hasCallSites: layout.hasCallSites)
                self.writer = writer
            }
        }

        /// All of them, as they go into the payload.
        public var bytes: [UInt8] { Array(room[..<count]) }
    }
#endif
