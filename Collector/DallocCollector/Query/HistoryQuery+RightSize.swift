// SPDX-License-Identifier: Apache-2.0
//
// `rightsize`: how large heaps and tables would have had to be.

internal import GRDB
public import HeapHistory

extension HistoryQuery {
    /// - Parameters:
    ///   - heap: a name or a number; nil for all.
    ///   - quantile: the share of device-days for which it is to be enough: above 0, below 1.
    ///   - since: the range is extended to whole days.
    /// - Throws: ``Problem`` when the range is empty.
    public func rightSize(
        build: String? = nil, heap: String? = nil, quantile: Double, since: Timestamp, until: Timestamp
    ) async throws -> RightSize {
        try Self.check(since: since, until: until)
        return try await readFleet { db, work in
            let days = try FleetDays(db, since: since, until: until, builds: build.map { [$0] } ?? [], heap: heap)
            var groups: [SizedHeaps.Key: SizedHeaps] = [:]
            try days.forEach(db, work) { day, heap in
                let key = SizedHeaps.Key(name: heap.name, size: heap.size, table: heap.tableSize)
                groups[key, default: SizedHeaps(alignment: heap.alignment)].add(day, heap)
            }
            return RightSize(
                build: build, since: days.since, until: min(days.until, until), quantile: quantile,
                confidence: SizedHeaps.confidence,
                needed: Quantile.needed(share: quantile, confidence: SizedHeaps.confidence),
                heaps: groups.compactMap { $0.value.answer($0.key, days.names[$0.key.name], quantile) }.sorted {
                    ($0.devices, $1.name) > ($1.devices, $0.name)
                })
        }
    }
}

/// The device-days of heaps with one name and size.
private struct SizedHeaps {
    struct Key: Hashable {
        var name: Int
        var size: Int
        var table: Int
    }

    private struct DeviceDay: Hashable {
        var device: Int64
        var time: Int64
    }

    static let confidence = 0.95

    private let alignment: Int
    private var devices: Set<Int64> = []
    /// A day with several boots has several rows; it is one device-day.
    private var days: [DeviceDay: (peak: UInt64, blocks: UInt64, hasFailed: Bool)] = [:]

    init(alignment: Int) { self.alignment = alignment }

    mutating func add(_ day: FleetDays.Day, _ heap: FleetDays.Heap) {
        devices.insert(heap.device)
        var figures = days[DeviceDay(device: heap.device, time: day.time)] ?? (0, 0, false)
        figures.peak = max(figures.peak, UInt64(clamping: day.peak))
        figures.blocks = max(figures.blocks, UInt64(clamping: day.peakBlocks))
        figures.hasFailed = figures.hasFailed || !day.failures.isZero
        days[DeviceDay(device: heap.device, time: day.time)] = figures
    }

    func answer(_ key: Key, _ name: String, _ share: Double) -> RightSize.Heap? {
        guard let bytes = PeakSample(days.values.map(\.peak)).quantile(share, confidence: Self.confidence),
            let blocks = PeakSample(days.values.map(\.blocks)).quantile(share, confidence: Self.confidence)
        else { return nil }
        let size = need(bytes, now: key.size, days.values.map(\.peak).max() ?? 0, step: alignment)
        let table = need(blocks, now: key.table, days.values.map(\.blocks).max() ?? 0, step: 1)
        let (saved, overflow) = max(0, key.size - (size.bound ?? size.enough)).multipliedReportingOverflow(
            by: devices.count)
        return RightSize.Heap(
            name: name, devices: devices.count, deviceDays: days.count,
            failingDays: days.values.count(where: \.hasFailed),
            size: size, table: table, saves: overflow ? .max : saved)
    }

    private func need(_ quantile: Quantile, now: Int, _ highest: UInt64, step: Int) -> RightSize.Need {
        func rounded(_ value: UInt64) -> Int {
            let value = max(1, Int(clamping: value))
            let rest = value % step
            return rest == 0 ? value : value.addingClamped(step - rest)
        }
        return RightSize.Need(
            now: now, enough: rounded(quantile.value), bound: quantile.bound.map { rounded($0) },
            highest: Int(clamping: highest))
    }
}
