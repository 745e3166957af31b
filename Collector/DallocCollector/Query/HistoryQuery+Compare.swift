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
            let placeOfB = days.builds.firstIndex(of: builds.b)
            try days.forEach(db, work) { day, heap in
                let key = ComparedDevice.Key(device: heap.device, isB: heap.build == placeOfB)
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
