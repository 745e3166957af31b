// SPDX-License-Identifier: Apache-2.0
//
// What a real device sent, recorded so that thousands of connections can send it again without a heap of their own: the frames of
// one boot from #1 on, as they go on the line. Frames don't name their device, so each connection only needs a HELLO of its own.

internal import CDallocAgent
internal import Glibc
internal import HeapWire

final class PreparedStream {
    /// The frames, one behind the other.
    let bytes: [UInt8]
    /// Where each frame ends in them, and how many operations it and those before it hold.
    let ends: [Int]
    let operations: [Int]
    /// What the device's clock showed at each frame, or a moment later.
    let ticks: [UInt32]
    /// The heap that they are of.
    let heap: RecordedHeap

    var count: Int { ends.count }

    /// Lets a device with this specification work, in time of its own, until it has cut so many frames.
    init(recording specification: DeviceSpecification, frames: Int) throws {
        let recording = Recording()
        var specification = specification
        specification.line = .recording(recording)
        let device = try Device(specification, index: 0)
        var marks: [(end: Int, operations: Int, tick: UInt32)] = []
        var time: UInt64 = 0
        while marks.count < frames {
            time += 1000
            device.run(until: time, nil)
            while marks.count < recording.frameEnds.count {
                marks.append((recording.frameEnds[marks.count], Int(device.operations), device.clock.pointee))
            }
        }
        guard let heap = recording.heap else {
            throw Failure(code: EX_SOFTWARE, "the recorded device did not greet")
        }
        bytes = recording.frames
        ends = marks.map(\.end)
        operations = marks.map(\.operations)
        ticks = marks.map(\.tick)
        self.heap = heap
    }
}

/// What HELLO says of the recorded heap.
struct RecordedHeap: Sendable {
    let number: UInt32
    let layout: HeapLayout

    /// - Parameters:
    ///   - tick: what the device's clock shows now.
    ///   - ticksPerSecond: of the clock by which the frames are said to have been made; the recorded device's has 1000.
    func hello(device: String, boot: UInt32, tick: UInt32 = 0, ticksPerSecond: UInt32 = 1000) -> [UInt8] {
        let hello = OwnedHello(
            device: device, build: "load", boot: boot, ticksPerSecond: ticksPerSecond, tick: UInt64(tick),
            heaps: [OwnedHello.Heap(number: number, name: "main", layout: layout)])
        // The zero before it ends whatever is on the line.
        return [0] + FrameWriter.line { hello.write(to: &$0) }
    }
}

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

/// What the frames on a line carry.
func payloads(in line: [UInt8]) -> [[UInt8]] {
    var found: [[UInt8]] = []
    var buffer = [UInt8](repeating: 0, count: WireLimits.payload + WireLimits.checksum)
    buffer.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        var reader = FrameReader(buffer: base, capacity: buffer.count)
        for byte in line {
            guard let count = try? reader.feed(byte) else { continue }
            found.append(Array(buffer[..<count]))
        }
    }
    return found
}
