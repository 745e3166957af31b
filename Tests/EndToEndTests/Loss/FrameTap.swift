// SPDX-License-Identifier: Apache-2.0
//
// Listens in on one direction of a line: finds the frames in its bytes, with the decoder that either side uses.

import HeapWire

final class FrameTap {
    private let buffer: UnsafeMutablePointer<UInt8>
    private let capacity = WireLimits.payload + WireLimits.checksum
    private var reader: FrameReader

    init() {
        buffer = .allocate(capacity: capacity)
        buffer.initialize(repeating: 0, count: capacity)
        reader = FrameReader(buffer: buffer, capacity: capacity)
    }

    deinit { buffer.deallocate() }

    /// A new connection: what was left of the last one is no part of it.
    func reset() { reader = FrameReader(buffer: buffer, capacity: capacity) }

    /// Tells of each frame, or of what was wrong with it.
    func listen(_ bytes: ArraySlice<UInt8>, _ tell: (Result<UnsafeBufferPointer<UInt8>, Malformed>) -> Void) {
        for byte in bytes {
            do throws(Malformed) {
                if let length = try reader.feed(byte) {
                    tell(.success(UnsafeBufferPointer(start: buffer, count: length)))
                }
            } catch {
                tell(.failure(error))
            }
        }
    }
}
