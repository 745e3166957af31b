// SPDX-License-Identifier: Apache-2.0
//
// What a real device sent, recorded so that thousands of connections can send it again without a heap of their own: the frames of
// one boot from #1 on, as they go on the line. Frames don't name their device, so each connection only needs a HELLO of its own.

internal import CommandSupport
internal import CDallocAgent
internal import Glibc
internal import HeapWire

final class PreparedStream {
    /// The frames, one after the other.
    let bytes: [UInt8]
    /// Where each frame ends in them, and how many operations it and those before it hold.
    let ends: [Int]
    let operations: [Int]
    /// What the device's clock showed at each frame, or a moment later.
    let ticks: [UInt32]
    /// The heap that they are of.
    let heap: RecordedHeap

    var count: Int { ends.count }

    /// Lets a device with this specification work, in time of its own, until it has cut `frames` frames.
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
            throw Failure(code: ExitStatus.software, "the recorded device did not greet")
        }
        bytes = recording.frames
        ends = marks.map(\.end)
        operations = marks.map(\.operations)
        ticks = marks.map(\.tick)
        self.heap = heap
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
