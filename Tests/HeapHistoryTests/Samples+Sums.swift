// SPDX-License-Identifier: Apache-2.0
//
// One value of each type of the answers that are made from sums, with every optional field set, and with none.

import HeapHistory

extension Samples {
    static let fullGroup = GroupName(.inside, address: address, size: 64, offset: 8)
    static let leakSample = LeakList.Sample(device: "sensor-01", heap: 0, boot: 0x8F3A_01C2)
    static let heapFull = LeakList.Full(expected: time, earliest: time, latest: time)
    static let bareHeapFull = LeakList.Full(expected: nil, earliest: nil, latest: nil)
    static let leak = LeakList.Leak(
        group: fullGroup, build: "1.4.2", heapName: "main", devices: 3, devicesSeen: 7, bytesPerHour: 41.5, atLeast: 38,
        atMost: 44.25, since: time, isOlder: true, growth: 4096, liveBlocks: 64, liveBytes: 4100, full: heapFull,
        known: 0.99, sample: leakSample)
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
}
