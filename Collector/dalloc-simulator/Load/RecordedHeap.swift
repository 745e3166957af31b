// SPDX-License-Identifier: Apache-2.0

internal import CDallocAgent
internal import Glibc
internal import HeapWire

/// What HELLO says of the recorded heap.
struct RecordedHeap: Sendable {
    let number: UInt32
    let layout: HeapLayout

    static let build = "load"

    /// - Parameters:
    ///   - build: of the firmware.
    ///   - tick: what the device's clock shows now.
    ///   - ticksPerSecond: of the clock by which the frames are said to have been made; the recorded device's has 1000.
    func hello(
        device: String, build: String = RecordedHeap.build, boot: UInt32, tick: UInt32 = 0,
        ticksPerSecond: UInt32 = 1000
    ) -> [UInt8] {
        let hello = OwnedHello(
            device: device, build: build, boot: boot, ticksPerSecond: ticksPerSecond, tick: UInt64(tick),
            heaps: [OwnedHello.Heap(number: number, name: "main", layout: layout)])
        // The zero before it ends whatever is on the line.
        return [0] + FrameWriter.line { hello.write(to: &$0) }
    }
}
