// SPDX-License-Identifier: Apache-2.0

internal import CDallocAgent
internal import Glibc
internal import HeapWire

/// The end of a line that takes everything, and keeps the frames but not the HELLOs.
final class Recording {
    fileprivate(set) var frames: [UInt8] = []
    fileprivate(set) var frameEnds: [Int] = []
    fileprivate(set) var heap: RecordedHeap?
    private var line: [UInt8] = []

    /// One-way: nothing is waited for. The recording must live as long as the agent.
    var link: dalloc_link_t {
        var link = dalloc_link_t()
        link.context = Unmanaged.passUnretained(self).toOpaque()
        link.write = { context, bytes, count in
            guard let context, let bytes else { return -1 }
            let recording = Unmanaged<Recording>.fromOpaque(context).takeUnretainedValue()
            recording.take(UnsafeBufferPointer(start: bytes, count: Int(count)))
            return Int32(count)
        }
        return link
    }

    private func take(_ bytes: UnsafeBufferPointer<UInt8>) {
        for byte in bytes {
            line.append(byte)
            if byte == 0 { endFrame() }
        }
    }

    private func endFrame() {
        defer { line = [] }
        var payload = [UInt8](repeating: 0, count: WireLimits.payload + WireLimits.checksum)
        payload.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            var reader = FrameReader(buffer: base, capacity: buffer.count)
            for byte in line {
                guard let count = try? reader.feed(byte) else { continue }
                if base[0] == FrameType.hello.rawValue {
                    guard heap == nil, var hello = try? Hello(payload: base, count: count) else { continue }
                    heap = (try? hello.nextHeap()).flatMap { $0 }
                        .map { RecordedHeap(number: $0.heap, layout: $0.layout) }
                } else {
                    frames += line
                    frameEnds.append(frames.count)
                }
            }
        }
    }
}
