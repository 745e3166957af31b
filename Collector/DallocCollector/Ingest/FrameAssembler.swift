// SPDX-License-Identifier: Apache-2.0
//
// Finds payloads in the chunks that a connection reads. Its buffer grows to what the device really sends, up to the longest
// frame, because ten thousand devices have ten thousand buffers.

internal import HeapWire
internal import NIOCore

final class FrameAssembler {
    private static let mostBytes = WireLimits.payload + WireLimits.checksum

    private var buffer: UnsafeMutablePointer<UInt8>
    private var capacity = 256
    private var reader: FrameReader

    init() {
        buffer = .allocate(capacity: capacity)
        reader = FrameReader(buffer: buffer, capacity: capacity)
    }

    deinit { buffer.deallocate() }

    /// Bytes are skipped up to the next zero: more came without one than the longest frame has.
    private(set) var isSkipping = false

    /// Bytes that are looked at before the length is.
    private static let piece = 4096

    /// Takes bytes from `chunk` up to the end of the next frame. The payload is valid until the next call; nil when the
    /// chunk is used up.
    func next(_ chunk: inout ByteBuffer) throws(Malformed) -> UnsafeBufferPointer<UInt8>? {
        if isSkipping { skip(&chunk) }
        while chunk.readableBytes > 0 {
            let count = min(chunk.readableBytes, Self.piece)
            if reader.state.length + count > capacity { reserve(before: chunk.readableBytesView.prefix(count)) }
            let (length, consumed, failure) = feed(chunk, count)
            chunk.moveReaderIndex(forwardBy: consumed)
            if let failure { throw failure }
            if let length { return UnsafeBufferPointer(start: buffer, count: length) }
            if reader.state.length > Self.mostBytes {
                reader = FrameReader(buffer: buffer, capacity: capacity)
                isSkipping = true
                throw .oversizedFrame
            }
        }
        return nil
    }

    private func feed(_ chunk: ByteBuffer, _ count: Int) -> (length: Int?, consumed: Int, failure: Malformed?) {
        chunk.withUnsafeReadableBytes { bytes in
            for index in 0..<count {
                do throws(Malformed) {
                    if let length = try reader.feed(bytes[index]) { return (length, index + 1, nil) }
                } catch {
                    return (nil, index + 1, error)
                }
            }
            return (nil, count, nil)
        }
    }

    private func skip(_ chunk: inout ByteBuffer) {
        let bytes = chunk.readableBytesView
        guard let zero = bytes.firstIndex(of: 0) else { return chunk.moveReaderIndex(to: chunk.writerIndex) }
        chunk.moveReaderIndex(forwardBy: zero - bytes.startIndex + 1)
        isSkipping = false
    }

    /// Makes room for what the next frame has of these bytes.
    private func reserve(before bytes: ByteBufferView) {
        let end = bytes.firstIndex(of: 0) ?? bytes.endIndex
        let needed = min(reader.state.length + end - bytes.startIndex, Self.mostBytes)
        guard needed > capacity else { return }
        let larger = min(max(needed, capacity * 2), Self.mostBytes)
        let new = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        new.moveInitialize(from: buffer, count: min(reader.state.length, capacity))
        buffer.deallocate()
        reader = FrameReader(buffer: new, capacity: larger, state: reader.state)
        (buffer, capacity) = (new, larger)
    }
}
