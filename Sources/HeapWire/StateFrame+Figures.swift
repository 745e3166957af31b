// SPDX-License-Identifier: Apache-2.0
//
// A frame that lacks figures, with those that whoever knows the table has found: what a collector stores, so that a frame can
// be read alone.

#if !hasFeature(Embedded)
    extension HeapState {
        /// Writes a KEYFRAME with these entries.
        public func writeKeyframe(
            first: UInt32 = 0, _ entries: [TableEntry] = [], layout: HeapLayout, to writer: inout FrameWriter
        ) {
            writeKeyframe(first: first, to: &writer)
            var (packed, encoder) = (EntryWriter(layout: layout), OperationEncoder(writer))
            for entry in entries { packed.write(entry, to: &encoder) }
            encoder.end()
            writer = encoder.writer
        }
    }

    extension StateFrame {
        /// The payload of this frame, with the figures of `state` and its whole digest.
        /// - Parameter payload: that it was read from.
        public func payload(_ payload: UnsafeBufferPointer<UInt8>, with state: HeapState) -> [UInt8] {
            guard let type = payload.first, let last = payload.last else { return [] }
            switch body {
            case .delta(let tick):
                var bytes = [UInt8](payload.dropLast(Int(last & 0x7F) &+ 1))
                let start = bytes.count
                Self.append(state.tick &- tick, to: &bytes)
                Self.append(state, to: &bytes)
                bytes.append(UInt8(truncatingIfNeeded: bytes.count &- start) | 0x80)
                return bytes
            case .keyframe(let first):
                var bytes = [type]
                Self.append(UInt64(wide: state.sequence), to: &bytes)
                if state.heap != 0 { Self.append(UInt64(wide: state.heap), to: &bytes) }
                Self.append(state.tick, to: &bytes)
                Self.append(state, to: &bytes)
                Self.append(UInt64(wide: first), to: &bytes)
                bytes.append(contentsOf: payload.suffix(rest.remaining))
                return bytes
            }
        }

        private static func append(_ state: HeapState, to bytes: inout [UInt8]) {
            for figure in [state.used, state.gaps, state.liveBlocks, state.peak] {
                append(UInt64(wide: figure), to: &bytes)
            }
            let totals = state.totals
            for total in [totals.allocations, totals.frees, totals.failures, totals.moves, totals.bytesMoved] {
                append(total, to: &bytes)
            }
            append(UInt64(wide: state.lost), to: &bytes)
            for shift: UInt32 in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: state.digest &>> shift)) }
        }

        static func append(_ value: UInt64, to bytes: inout [UInt8]) {
            var rest = value
            while rest >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest &>>= 7
            }
            bytes.append(UInt8(truncatingIfNeeded: rest))
        }
    }
#endif
