// SPDX-License-Identifier: Apache-2.0
//
// `top`: the heaps of the fleet that stand out.

internal import GRDB
public import HeapHistory

extension HistoryQuery {
    /// - Parameters:
    ///   - since: the range is extended to whole days; `usage` is that of now.
    ///   - limit: the most heaps to answer with.
    /// - Throws: ``Problem`` when the range is empty.
    public func top(
        by figure: TopList.Figure, build: String? = nil, since: Timestamp, until: Timestamp, limit: Int
    ) async throws -> TopList {
        try Self.check(since: since, until: until)
        if figure == .usage { return usage(build, limit) }
        return try await readFleet { db, work in
            let days = try FleetDays(db, since: since, until: until, builds: build.map { [$0] } ?? [])
            var sums: [(key: TopKey, sum: TopSum)] = []
            var indices: [TopKey: Int] = [:]
            // Of each heap of a boot: it has many days, and is looked up once.
            var indexOfPlace = [Int?](repeating: nil, count: days.heapCount)
            try days.forEach(db, work) { day, heap in
                let key = TopKey(device: heap.device, name: heap.name)
                let index = indexOfPlace[heap.place] ?? indices[key] ?? sums.count
                if index == sums.count { sums.append((key, TopSum())) }
                if indexOfPlace[heap.place] == nil { (indexOfPlace[heap.place], indices[key]) = (index, index) }
                sums[index].sum.add(day, heap)
            }
            var ranked = sums.map { (key: $0.key, sum: $0.sum, value: $0.sum.value(figure)) }
            ranked = ranked.filter { $0.value > 0 }
            ranked.sort { ($0.value, $1.key.device) > ($1.value, $0.key.device) }
            let shown = ranked.prefix(limit)
            let names = try FleetDays.names(of: shown.lazy.map(\.key.device), db)
            return TopList(
                by: figure, build: build, since: days.since, until: min(days.until, until),
                heaps: shown.map { entry in
                    TopList.Entry(
                        device: names[entry.key.device] ?? "", build: days.builds[entry.sum.build],
                        heap: entry.sum.number,
                        name: days.names[entry.key.name], value: entry.value, size: entry.sum.size,
                        used: entry.sum.peak,
                        knownHours: entry.sum.hours)
                }, heapsSeen: sums.count)
        }
    }

    private func usage(_ build: String?, _ limit: Int) -> TopList {
        var filter = DeviceFilter()
        filter.build = build
        let now = Timestamp.now
        var (entries, seen) = ([TopList.Entry](), 0)
        for device in devices(connected: [], matching: filter).devices {
            for heap in device.heaps {
                seen += 1
                let value = heap.size > 0 ? Double(heap.used) / Double(heap.size) * 100 : 0
                entries.append(
                    TopList.Entry(
                        device: device.id, build: device.build, heap: heap.heap, name: heap.name, value: value,
                        size: heap.size,
                        used: heap.used, knownHours: 0))
            }
            guard entries.count > limit.addingClamped(4096) else { continue }
            entries = Self.worst(entries, limit)
        }
        return TopList(
            by: .usage, build: build, since: now, until: now, heaps: Self.worst(entries, limit), heapsSeen: seen)
    }

    private static func worst(_ entries: [TopList.Entry], _ limit: Int) -> [TopList.Entry] {
        Array(entries.sorted { ($0.value, $1.device) > ($1.value, $0.device) }.prefix(limit))
    }
}

private struct TopKey: Hashable {
    var device: Int64
    var name: Int
}

private struct TopSum {
    var (build, number, size) = (0, 0, 0)
    var peak = 0
    /// Percent.
    private var highest = 0.0
    private var (allocated, failures, bytesMoved, known) = (Count.zero, Count.zero, Count.zero, Count.zero)

    var hours: Double { Double(known.value) / Double(GroupPeriod.hour) }

    mutating func add(_ day: FleetDays.Day, _ heap: FleetDays.Heap) {
        (build, number, size) = (heap.build, heap.number, max(size, heap.size))
        peak = max(peak, day.peak)
        if heap.size > 0 { highest = max(highest, Double(day.peak) / Double(heap.size) * 100) }
        allocated += day.allocated
        failures += day.failures
        bytesMoved += day.bytesMoved
        known += day.known
    }

    func value(_ figure: TopList.Figure) -> Double {
        // Of less than a minute no rate is told.
        let isRated = hours > 1.0 / 60
        switch figure {
        case .usage, .peak: return highest
        case .failures: return Double(failures.value)
        case .churn: return isRated ? Double(allocated.value) / hours : 0
        case .moved: return isRated ? Double(bytesMoved.value) / hours : 0
        }
    }
}
