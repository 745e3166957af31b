// SPDX-License-Identifier: Apache-2.0

internal import HeapHistory

/// What a device did under one build.
struct ComparedDevice {
    struct Key: Hashable {
        var device: Int64
        var isB: Bool
    }

    private(set) var (peaks, uses) = ([Double](), [Double]())
    /// Use at the ends of a boot's days, for the boot that had the most.
    private var boots: [Int64: [(time: Int64, used: Double)]] = [:]
    private(set) var failures = Count.zero
    private var (allocated, bytesMoved, known) = (Count.zero, Count.zero, Count.zero)

    var days: Double { Double(known.value) / Double(GroupPeriod.day) }
    private var hours: Double { days * 24 }
    var churn: Double { hours > 0 ? Double(allocated.value) / hours : .nan }
    var moved: Double { hours > 0 ? Double(bytesMoved.value) / hours : .nan }

    mutating func add(_ day: FleetDays.Day, _ heap: FleetDays.Heap) {
        peaks.append(Double(day.peak))
        uses.append(Double(day.used))
        boots[heap.boot, default: []].append((day.time, Double(day.used)))
        failures += day.failures
        allocated += day.allocated
        bytesMoved += day.bytesMoved
        known += day.known
    }

    /// Bytes an hour by which use grows from day to day; NaN where no boot has five days.
    var leakRate: Double {
        guard let longest = boots.values.max(by: { $0.count < $1.count }), longest.count >= 5 else { return .nan }
        let hours = longest.map { Double($0.time.subtractingClamped(longest[0].time)) / Double(GroupPeriod.hour) }
        return TheilSen.slope(hours: hours[...], values: longest.map(\.used)[...]) ?? .nan
    }
}
