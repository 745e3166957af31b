// Finds payloads in the chunks that a connection reads, in a buffer that is as large as what the device really sends, up to the longest
// frame: ten thousand devices have ten thousand of them.

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

    /// Takes bytes from `chunk` up to the end of the next frame. The payload is valid until the next call; nil when the
    /// chunk is used up.
    func next(_ chunk: inout ByteBuffer) throws(Malformed) -> UnsafeBufferPointer<UInt8>? {
        if reader.state.length + chunk.readableBytes > capacity { reserve(before: chunk.readableBytesView) }
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
