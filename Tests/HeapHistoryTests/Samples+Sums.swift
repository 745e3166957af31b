// SPDX-License-Identifier: Apache-2.0
//
// One value of each type of the answers that are made from sums, with every optional field set, and with none.

import HeapHistory

extension Samples {
    static let fullGroup = GroupName(.inside, address: address, size: 64, offset: 8)
    static let leakSample = LeakList.Sample(device: "sensor-01", heap: 0, boot: 0x8F3A_01C2)
    static let heapFull = LeakList.Full(expected: time, earliest: time, latest: time, limit: .table)
    static let bareHeapFull = LeakList.Full(expected: nil, earliest: nil, latest: nil, limit: .bytes)
    static let leak = LeakList.Leak(
        group: fullGroup, build: "1.4.2", heapName: "main", devices: 3, devicesSeen: 7, bytesPerHour: 41.5, atLeast: 38,
        atMost: 44.25, since: time, isOlder: true, growth: 4096, liveBlocks: 64, liveBytes: 4100, full: heapFull,
        longestJobHours: 24, known: 0.99, sample: leakSample)
    static let orphans = LeakList.Orphans(
        group: GroupName(.orphan), build: "1.4.2", heapName: "main", devices: 1, liveBlocks: 2, liveBytes: 128,
        sample: leakSample)
    static let leakList = leakList(device: "sensor-01", build: "1.4.2", knownUntil: time)
    static let bareLeakList = leakList(device: nil, build: nil, knownUntil: nil)

    private static func leakList(device: String?, build: String?, knownUntil: Timestamp?) -> LeakList {
        LeakList(
            device: device, build: build, since: time, until: time, devicesSeen: 9, devicesKnown: 7,
            longestJobHours: 24,
            confidence: 0.99, leaks: [leak], orphans: [orphans], leftOut: 0, knownUntil: knownUntil)
    }

    static let topEntry = TopList.Entry(
        device: "sensor-01", build: "1.4.2", heap: 0, name: "main", value: 81.5, size: 16_384, used: 13_353,
        knownHours: 23.75)
    static let topList = TopList(
        by: .usage, build: "1.4.2", since: time, until: time, heaps: [topEntry], heapsSeen: 9)
    static let bareTopList = TopList(by: .failures, build: nil, since: time, until: time, heaps: [], heapsSeen: 0)

    static let comparedBuild = BuildComparison.Side(build: "1.4.2", devices: 9, deviceDays: 62.5)
    static let estimate = BuildComparison.Estimate(value: 0.15, lower: 0.12, upper: 0.18)
    static let bareEstimate = BuildComparison.Estimate(value: 0.15, lower: nil, upper: nil)
    static let metric = BuildComparison.Metric(
        figure: .peak, a: 12_000, b: 13_800, difference: estimate, relative: estimate, superiority: estimate,
        verdict: .notEnough, more: 4)
    static let bareMetric = BuildComparison.Metric(
        figure: .failures, a: 0, b: 1, difference: bareEstimate, relative: nil, superiority: nil, verdict: .undecided,
        more: nil)
    static let comparison = comparison(heap: "main")
    static let bareComparison = comparison(heap: nil)

    private static func comparison(heap: String?) -> BuildComparison {
        BuildComparison(
            heap: heap, since: time, until: time, a: comparedBuild, b: comparedBuild, confidence: 0.95, margin: 0.05,
            metrics: [metric, bareMetric], verdict: "1.4.3 is like 1.4.2.")
    }

    static let need = RightSize.Need(now: 16_384, enough: 13_000, bound: 13_800, highest: 13_900)
    static let bareNeed = RightSize.Need(now: 16_384, enough: 13_000, bound: nil, highest: 13_900)
    static let sizedHeap = RightSize.Heap(
        name: "main", devices: 9, deviceDays: 62, failingDays: 1, size: need, table: bareNeed, saves: 23_256)
    static let rightSize = rightSize(build: "1.4.2")
    static let bareRightSize = rightSize(build: nil)

    private static func rightSize(build: String?) -> RightSize {
        RightSize(
            build: build, since: time, until: time, quantile: 0.999, confidence: 0.95, needed: 2995, heaps: [sizedHeap])
    }
}
