// SPDX-License-Identifier: Apache-2.0
//
// What a real device sent in a week of its own time. It is recorded much faster, and its clock said to tick so much more slowly.

internal import CommandSupport
internal import Glibc
internal import HeapWire

final class RecordedWeek: Sendable {
    /// Payloads, and when each was cut: microseconds since the boot.
    let frames: [(payload: [UInt8], time: Int64)]
    private let operations: [Int]
    let ticksPerSecond: UInt32
    private let heap: RecordedHeap

    private static let week: UInt64 = 604_800_000_000

    /// - Parameter interval: between two frames, in microseconds.
    init(every interval: UInt64, operations: Int, seed: UInt64) throws {
        let seconds = interval / 1_000_000
        // A tick of the recording is a millisecond.
        let ticks: UInt64 = [1000, 100, 10].first { seconds * $0 <= 5000 } ?? 1
        let milliseconds = seconds * ticks
        let specification = DeviceSpecification(
            id: "recorded", build: "load", boot: 1, line: .descriptor(-1), heapSize: 65_536, transmitSize: 65_536,
            frameInterval: UInt32(milliseconds), workload: .steady, seed: seed,
            rate: max(1, operations * 1000 / Int(milliseconds)))
        let stream = try PreparedStream(recording: specification, frames: Int(Self.week / interval))
        ticksPerSecond = UInt32(ticks)
        heap = stream.heap
        self.operations = stream.operations
        frames = try payloads(in: stream.bytes).map { payload in
            let tick = try payload.withUnsafeBufferPointer { bytes in
                try bytes.baseAddress.map { try StateFrame(payload: $0, count: bytes.count).state.tick }
            }
            guard let tick else { throw Failure(code: ExitStatus.software, "the recorded device sent an empty frame") }
            return (payload, Int64(tick) * 1_000_000 / Int64(ticks))
        }
    }

    /// Of one frame.
    func operations(of index: Int) -> Int { operations[index] - (index == 0 ? 0 : operations[index - 1]) }

    /// The payload of HELLO.
    func hello(device: String, build: String, boot: UInt32) throws -> [UInt8] {
        let line = heap.hello(device: device, build: build, boot: boot, ticksPerSecond: ticksPerSecond)
        guard let payload = payloads(in: line).first else {
            throw Failure(code: ExitStatus.software, "the greeting of \(device) is no frame")
        }
        return payload
    }
}
