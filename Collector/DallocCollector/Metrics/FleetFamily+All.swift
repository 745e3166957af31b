// SPDX-License-Identifier: Apache-2.0
//
// Every figure of devices and heaps, under the names by which they are monitored.

internal import HeapHistory

extension FleetFamily {
    static let all = ofHeaps + ofDevices

    private static let ofHeaps = [
        FleetFamily(
            "dalloc_heap_used_bytes", "Bytes in use, padding included. Absent until a frame has told them.",
            .heap { $0.ifHeard(\.used) }),
        FleetFamily(
            "dalloc_heap_peak_bytes", "The most bytes in use since the boot, as far as it is known.",
            .heap { $0.ifHeard(\.peak) }),
        FleetFamily(
            "dalloc_heap_size_bytes",
            "Bytes of the heap. Absent where nobody knows them: of some heaps of other allocators.",
            .heap { $0.summary.size > 0 ? Double($0.summary.size) : nil }),
        FleetFamily("dalloc_heap_blocks", "Live blocks.", .heap { $0.ifHeard(\.liveBlocks) }),
        FleetFamily(
            "dalloc_heap_table_entries",
            "The most blocks that the heap's table holds; of a heap of another allocator, that are followed.",
            .heap { Double($0.summary.tableSize) }),
        FleetFamily(
            "dalloc_heap_failures_total",
            "Allocations that failed in the boot, of those that were stored since the collector started.",
            isCounter: true, .heap { Double($0.failures) }),
        FleetFamily(
            "dalloc_heap_failures_last_hour",
            "Allocations that failed within the last hour, also before the collector started.",
            .heap { Double($0.summary.failuresLastHour) }),
        FleetFamily(
            "dalloc_heap_recorder_used_ratio",
            "How full the heap's recorder got since the boot. Absent until the device tells it: when more than half was in use.",
            .heap { heap in
                guard let most = heap.summary.recorderMost, let size = heap.summary.recorderSize, size > 0 else {
                    return nil
                }
                return Double(most) / Double(size)
            }),
    ]

    private static let ofDevices = [
        FleetFamily(
            "dalloc_device_info", "1; the build of the current boot, and how the device was reached last.",
            .labels { [[("build", $0.build), ("link", $0.steadyLink)]] }),
        FleetFamily(
            "dalloc_device_labels", "1; what people say of the device. Absent where they say nothing.",
            .labels { $0.labels.isEmpty ? [] : [$0.monitoredLabels] }),
        FleetFamily(
            "dalloc_device_boot_id", "The id of the current boot: another one after every reset.",
            .device { Double($0.boot) }),
        FleetFamily(
            "dalloc_device_connected", "1 while the device has a session open.", .device { $0.connected ? 1 : 0 }),
        FleetFamily(
            "dalloc_device_last_seen_timestamp_seconds", "When the device's last frame came, by the collector's clock.",
            .device { Double($0.lastSeen.microseconds) / 1_000_000 }),
        FleetFamily(
            "dalloc_device_warning", "1 for each warning that the device has.",
            .labels { device in Set(device.warnings.map(\.code.rawValue)).sorted().map { [("code", $0)] } }),
    ]
}

extension FleetDevice.Heap {
    /// Of a heap of which no frame has come, nothing is known.
    fileprivate func ifHeard(_ figure: KeyPath<HeapSummary, Int>) -> Double? {
        summary.sequence > 0 ? Double(summary[keyPath: figure]) : nil
    }
}

extension DeviceSummary {
    /// The link without the port, which is another one for each connection: each would be a series of its own.
    fileprivate var steadyLink: String {
        guard !link.hasPrefix("serial "), let colon = link.utf8.lastIndex(of: UInt8(ascii: ":")) else { return link }
        let port = link[link.index(after: colon)...]
        return !port.isEmpty && port.utf8.allSatisfy { (48...57).contains($0) } ? String(link[..<colon]) : link
    }

    /// With names that Prometheus takes: `label_site`. Of several that come to the same name, the later ones have a number.
    fileprivate var monitoredLabels: [(name: String, value: String)] {
        var named: [(name: String, value: String)] = []
        for (name, value) in labels.sorted(by: { $0.key < $1.key }) {
            let plain = "label_" + name.map { $0 == "." || $0 == "-" ? "_" : $0 }
            var (free, number) = (plain, 1)
            while named.contains(where: { $0.name == free }) {
                number = number.addingClamped(1)
                free = "\(plain)_\(number)"
            }
            named.append((free, value))
        }
        return named
    }
}
