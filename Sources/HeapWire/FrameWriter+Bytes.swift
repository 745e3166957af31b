// SPDX-License-Identifier: Apache-2.0
//
// Whole frames as arrays, for programs that have a heap.

#if !hasFeature(Embedded)
    extension FrameWriter {
        /// A frame as it goes on the line, with the zero that ends it.
        /// - Parameter write: writes the payload. Frames longer than four times ``WireLimits/payload`` are cut off.
        public static func line(_ write: (inout FrameWriter) -> Void) -> [UInt8] {
            let room = longest(payload: WireLimits.payload * 4)
            return [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                guard let start = buffer.baseAddress else { return }
                var writer = FrameWriter(ring: start, size: room, origin: 0, room: room)
                write(&writer)
                count = min(writer.finish(), room)
            }
        }

        /// The payload of such a frame, without stuffing and checksum.
        public static func payload(_ write: (inout FrameWriter) -> Void) -> [UInt8] {
            let line = line(write)
            return [UInt8](unsafeUninitializedCapacity: line.count) { buffer, count in
                guard let start = buffer.baseAddress else { return }
                var reader = FrameReader(buffer: start, capacity: line.count)
                for byte in line {
                    if let length = try? reader.feed(byte) { count = length }
                }
            }
        }
    }
#endif
