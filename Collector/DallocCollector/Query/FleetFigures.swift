// SPDX-License-Identifier: Apache-2.0
//
// What monitoring is told of the fleet.

internal import HeapHistory

struct FleetFigures: Sendable {
    /// By their ids.
    var devices: [FleetDevice] = []
    /// Devices that were asked for, and are not among these because of a limit.
    var leftOut = 0

    /// Series that a device has at most, beside one for each warning, and that each of its heaps has at most.
    static let (seriesOfADevice, seriesOfAHeap) = (5, 8)

    /// About what they take in memory while they are written, with their labels.
    var bytes: Int {
        devices.reduce(0) { sum, device in
            let heaps = device.heaps.count.multipliedClamped(by: MemoryLayout<FleetDevice.Heap>.stride + 160)
            return sum.addingClamped(heaps).addingClamped(MemoryLayout<FleetDevice>.stride + 160)
        }
    }
}
