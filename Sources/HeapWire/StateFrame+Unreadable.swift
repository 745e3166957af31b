// SPDX-License-Identifier: Apache-2.0
//
// A frame whose checksum is right, and whose fields can't be read: it would be the same when it came again.

#if !hasFeature(Embedded)
    extension StateFrame {
        /// A DELTA that stands for such a KEYFRAME or DELTA: it has its number, heap and tick, and an operation that nobody can read. Nil
        /// when not even these can be read.
        public static func unreadable(_ payload: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
            guard let base = payload.baseAddress else { return nil }
            var reader = PayloadReader(base, count: payload.count)
            guard let type = try? reader.byte(), let kind = FrameType(first: type), kind == .keyframe || kind == .delta,
                let state = try? HeapState(type, from: &reader)
            else { return nil }
            var bytes = [FrameType.delta.rawValue | type & FrameType.hasHeap]
            append(UInt64(wide: state.sequence), to: &bytes)
            if state.heap != 0 { append(UInt64(wide: state.heap), to: &bytes) }
            append(state.tick, to: &bytes)
            // Eight zeros are a reserved operation. A span of 0, two bytes of a digest, and their length follow.
            bytes.append(contentsOf: [0, 0, 0, 0, 3])
            return bytes
        }
    }
#endif
