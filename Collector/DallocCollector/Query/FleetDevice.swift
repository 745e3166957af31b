// SPDX-License-Identifier: Apache-2.0
//
// A device with those of its heaps that are asked for, each under a name of its own.

internal import HeapHistory

struct FleetDevice: Sendable {
    struct Heap: Sendable {
        /// Its name, or its number where it has none. Of several heaps of a device with one name, the later ones have their number
        /// behind it: `main#2`.
        var name: String
        var summary: HeapSummary
        /// See ``KnownDevice/failures``.
        var failures: Int
    }

    /// Without its heaps.
    var summary: DeviceSummary
    var heaps: [Heap]

    init(_ known: KnownDevice) {
        summary = known.summary
        summary.heaps = []
        heaps = []
        heaps.reserveCapacity(known.summary.heaps.count)
        for (heap, failures) in zip(known.summary.heaps, known.failures) {
            var name = heap.name.isEmpty ? "\(heap.heap)" : heap.name
            if heaps.contains(where: { $0.name == name }) { name += "#\(heap.heap)" }
            while heaps.contains(where: { $0.name == name }) { name += "#" }
            heaps.append(Heap(name: name, summary: heap, failures: failures))
        }
    }

    /// As many series as it can have: see ``FleetFigures``.
    var mostSeries: Int {
        FleetFigures.seriesOfADevice.addingClamped(summary.warnings.count)
            .addingClamped(heaps.count.multipliedClamped(by: FleetFigures.seriesOfAHeap))
    }
}
