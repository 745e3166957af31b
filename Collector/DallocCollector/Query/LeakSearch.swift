// SPDX-License-Identifier: Apache-2.0
//
// Finds growth in heaps, and puts together what is the same in several devices.

internal import HeapHistory

struct LeakSearch {
    /// A heap of one boot.
    struct Heap {
        var device: String
        var number: Int
        var name: String
        var boot: UInt32
        var build: String
        /// At the end.
        var room: HeapRoom
        /// Its boot is the device's latest.
        var isCurrent: Bool
        /// Looked at frame by frame, though others are not.
        var isYoung = false
        var firstTime: Timestamp?
        var lastTime: Timestamp?
    }

    private struct Key: Hashable {
        var group: BlockGroup
        var build: String
        var heap: String
    }

    private struct Found {
        var leak: LeakList.Leak
        var devices: Set<String>
        /// The sum over devices: what decides the order.
        var atLeast: Double
    }

    private struct FoundOrphans {
        var orphans: LeakList.Orphans
        var devices: Set<String>
        /// Bytes of the sample.
        var most: UInt64
    }

    private let device: String?
    private let build: String?
    private let since: Timestamp
    private let until: Timestamp
    private var leaks: [Key: Found] = [:]
    private var orphans: [Key: FoundOrphans] = [:]
    private var seen: Set<String> = []
    /// Devices with enough samples, by build and heap.
    private var known: [String: Set<String>] = [:]
    /// Hours.
    private var longestJob: Double

    init(device: String?, build: String?, since: Timestamp, until: Timestamp) {
        (self.device, self.build, self.since, self.until) = (device, build, since, until)
        longestJob = Self.longestJob(in: until.microseconds(since: since))
    }

    /// What can be told from growth in so many microseconds.
    private static func longestJob(in length: Int64) -> Double {
        let hours = Double(length) / GrowthTrend.microsecondsAnHour
        return hours >= 72 ? 24 : hours / 6
    }

    mutating func add(_ heap: Heap, _ history: GroupHistory) {
        seen.insert(heap.device)
        guard let end = history.end,
            history.groups.contains(where: { $0.samples.count >= GrowthTrend.fewestSamples })
        else { return addOrphans(heap, history) }
        known["\(heap.build)\u{0}\(heap.name)", default: []].insert(heap.device)
        // A device is judged by what there is of it; the answer says what that can't tell.
        let isShort = device != nil || heap.isYoung
        let longest = isShort ? min(longestJob, Self.longestJob(in: history.length)) : longestJob
        if device != nil { longestJob = longest }
        // A boot that has ended is judged to its end.
        var last = min(end, heap.isCurrent ? until.microseconds : (heap.lastTime ?? until).microseconds)
        if heap.room.isNearlyFull, let full = history.fullSince { last = min(last, full) }
        var hasFound = false
        for held in history.groups {
            guard let trend = Self.trend(held.samples, until: last, longest) else { continue }
            add(heap, history, held, GroupName(held.group), trend, longest)
            hasFound = true
        }
        if !hasFound, let trend = Self.trend(history.total, until: last, longest) {
            var whole = GroupHistory.Group(group: .others)
            whole.samples = history.total
            for held in history.groups {
                whole.liveBlocks = whole.liveBlocks.addingClamped(held.liveBlocks)
                whole.liveBytes = whole.liveBytes.addingClamped(held.liveBytes)
            }
            add(heap, history, whole, GroupName(.heap), trend, longest)
        }
        addOrphans(heap, history)
    }

    private static func trend(
        _ samples: [GrowthTrend.Sample], until end: Int64, _ longestJob: Double
    ) -> GrowthTrend? {
        guard let last = samples.last, last.time > end else {
            return GrowthTrend(samples, until: end, longestJob: longestJob)
        }
        let count = samples.lastIndex { $0.time <= end }.map { $0 + 1 } ?? 0
        return GrowthTrend(Array(samples[..<count]), until: end, longestJob: longestJob)
    }

    private mutating func add(
        _ heap: Heap, _ history: GroupHistory, _ held: GroupHistory.Group, _ name: GroupName, _ trend: GrowthTrend,
        _ longestJob: Double
    ) {
        let last = Timestamp(microseconds: held.samples.last?.time ?? until.microseconds)
        let left = heap.room.left(forBlocks: held.liveBlocks, of: held.liveBytes)
        let full = TimeToFull(freeBytes: left.bytes, trend)
        func time(_ hours: Double?) -> Timestamp? {
            guard let hours, hours < TimeToFull.longest else { return nil }
            return last.later(byMicroseconds: Int64(hours * GrowthTrend.microsecondsAnHour))
        }
        let leak = LeakList.Leak(
            group: name, build: heap.build, heapName: heap.name, devices: 1, devicesSeen: 1,
            bytesPerHour: trend.slope, atLeast: trend.lower, atMost: trend.upper,
            since: Timestamp(microseconds: trend.onset), isOlder: trend.isOlder, growth: Int(trend.growth),
            liveBlocks: Int(held.liveBlocks), liveBytes: Int(clamping: held.liveBytes),
            full: LeakList.Full(
                expected: time(full.expected), earliest: time(full.earliest), latest: time(full.latest),
                limit: left.limit),
            longestJobHours: longestJob,
            known: history.seconds > 0 ? min(1, Double(history.knownSeconds) / Double(history.seconds)) : 0,
            sample: LeakList.Sample(device: heap.device, heap: heap.number, boot: heap.boot))
        let key = Key(group: held.group, build: heap.build, heap: heap.name)
        var found = leaks[key] ?? Found(leak: leak, devices: [], atLeast: 0)
        found.devices.insert(heap.device)
        found.atLeast += trend.lower
        if leak.atLeast > found.leak.atLeast { found.leak = leak }
        leaks[key] = found
    }

    private mutating func addOrphans(_ heap: Heap, _ history: GroupHistory) {
        guard heap.isCurrent else { return }
        for held in history.groups where held.group.kind == .orphan && held.liveBlocks > 0 {
            let key = Key(group: held.group, build: heap.build, heap: heap.name)
            let sample = LeakList.Sample(device: heap.device, heap: heap.number, boot: heap.boot)
            var found =
                orphans[key]
                ?? FoundOrphans(
                    orphans: LeakList.Orphans(
                        group: GroupName(held.group), build: heap.build, heapName: heap.name, devices: 0, liveBlocks: 0,
                        liveBytes: 0, sample: sample), devices: [], most: 0)
            found.devices.insert(heap.device)
            found.orphans.devices = found.devices.count
            found.orphans.liveBlocks = found.orphans.liveBlocks.addingClamped(Int(held.liveBlocks))
            found.orphans.liveBytes = found.orphans.liveBytes.addingClamped(Int(clamping: held.liveBytes))
            if held.liveBytes > found.most { (found.most, found.orphans.sample) = (held.liveBytes, sample) }
            orphans[key] = found
        }
    }

    var devicesKnown: Int { known.values.reduce(into: Set<String>()) { $0.formUnion($1) }.count }

    func isKnown(_ device: String) -> Bool { known.values.contains { $0.contains(device) } }

    var leakingDevices: Set<String> { leaks.values.reduce(into: []) { $0.formUnion($1.devices) } }

    func answer(limit: Int, knownUntil: Timestamp?) -> LeakList {
        let ranked = leaks.values.sorted {
            ($0.atLeast, $1.leak.sample.device) > ($1.atLeast, $0.leak.sample.device)
        }
        let shown = ranked.prefix(limit).map { found in
            var leak = found.leak
            leak.devices = found.devices.count
            leak.devicesSeen = known["\(leak.build)\u{0}\(leak.heapName)"]?.count ?? leak.devices
            return leak
        }
        return LeakList(
            device: device, build: build, since: since, until: until, devicesSeen: seen.count,
            devicesKnown: devicesKnown,
            longestJobHours: longestJob,
            confidence: GrowthTrend.confidence, leaks: Array(shown),
            orphans: orphans.values.map(\.orphans).sorted { $0.liveBytes > $1.liveBytes },
            leftOut: ranked.count - shown.count,
            knownUntil: knownUntil)
    }
}
