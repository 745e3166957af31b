// SPDX-License-Identifier: Apache-2.0
//
// `compare`: how two builds differ, device by device.

internal import GRDB
public import HeapHistory

extension HistoryQuery {
    /// - Parameters:
    ///   - builds: A and B.
    ///   - heap: a name or a number; nil for the lowest number of each device.
    ///   - since: the range is extended to whole days.
    /// - Throws: ``Problem`` when one of the builds is not known in the range.
    public func compare(
        _ builds: (a: String, b: String), heap: String? = nil, since: Timestamp, until: Timestamp
    ) async throws -> BuildComparison {
        try Self.check(since: since, until: until)
        guard builds.a != builds.b else {
            throw Problem(.badRequest, "Both builds are \(builds.a).", hint: "Name two builds.")
        }
        return try await readFleet { db, work in
            var days = try FleetDays(db, since: since, until: until, builds: [builds.a, builds.b], heap: heap)
            if heap == nil { days.keepLowestNumbers() }
            for build in [builds.a, builds.b] where !days.builds.contains(build) {
                throw Problem(
                    .notFound, "No device has reported with build \(build) from \(days.since) to \(days.until).",
                    hint: "`dalloc devices --columns id,build` lists builds.")
            }
            var devices: [ComparedDevice.Key: ComparedDevice] = [:]
            try days.forEach(db, work) { day, heap in
                let key = ComparedDevice.Key(device: heap.device, isB: days.builds[heap.build] == builds.b)
                devices[key, default: ComparedDevice()].add(day, heap)
            }
            func side(_ isB: Bool) -> [ComparedDevice] {
                devices.filter { $0.key.isB == isB && $0.value.days > 0 }.sorted { $0.key.device < $1.key.device }.map(
                    \.value)
            }
            let comparison = BuildFigures(a: side(false), b: side(true))
            return BuildComparison(
                heap: heap, since: days.since, until: min(days.until, until), a: comparison.side(builds.a, \.a),
                b: comparison.side(builds.b, \.b), confidence: TwoSample.usualConfidence, margin: TwoSample.usualMargin,
                metrics: comparison.metrics, verdict: BuildVerdict(builds, comparison.metrics).sentence)
        }
    }
}

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
