// Finds payloads in the chunks that a connection reads, in a buffer of fixed size.

internal import HeapWire
internal import NIOCore

final class FrameAssembler {
    private let buffer: UnsafeMutablePointer<UInt8>
    private var reader: FrameReader

    init() {
        let capacity = WireLimits.payload + WireLimits.checksum
        buffer = .allocate(capacity: capacity)
        buffer.initialize(repeating: 0, count: capacity)
        reader = FrameReader(buffer: buffer, capacity: capacity)
    }

    deinit { buffer.deallocate() }

    /// Takes bytes from `chunk` up to the end of the next frame. The payload is valid until the next call; nil when the
    /// chunk is used up.
    func next(_ chunk: inout ByteBuffer) throws(Malformed) -> UnsafeBufferPointer<UInt8>? {
        let (length, consumed, failure) = chunk.withUnsafeReadableBytes { bytes -> (Int?, Int, Malformed?) in
            for index in 0..<bytes.count {
                do throws(Malformed) {
                    if let length = try reader.feed(bytes[index]) { return (length, index + 1, nil) }
                } catch {
                    return (nil, index + 1, error)
                }
            }
            return (nil, bytes.count, nil)
        }
        chunk.moveReaderIndex(forwardBy: consumed)
        if let failure { throw failure }
        return length.map { UnsafeBufferPointer(start: buffer, count: $0) }
    }
}
