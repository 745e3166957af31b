// SPDX-License-Identifier: Apache-2.0
//
// What the groups of a heap held in a period, without what they did: all that a search for growth reads. One is filled again and
// again, as a
// question about a fleet reads hundreds of thousands of periods.

internal import HeapHistory

struct PeriodPoints {
    struct Entry {
        var group: BlockGroup
        /// At the end.
        var liveBlocks: UInt32
        var liveBytes: UInt64
        /// Places in ``PeriodPoints/points``.
        var points: Range<Int>
    }

    /// As those of ``GroupPeriod``.
    var time: Int64 = 0
    var hours = 1
    var pointHours = 1
    var knownSeconds: Int64 = 0
    /// Some groups are not told apart.
    var hasOthers = false
    private(set) var entries: [Entry] = []
    private(set) var points: [UInt64?] = []

    var end: Int64 { time.addingClamped(Int64(hours).multipliedClamped(by: GroupPeriod.hour)) }

    init() {}

    init(_ period: GroupPeriod) {
        (time, hours, pointHours) = (period.time, period.hours, period.pointHours)
        (knownSeconds, hasOthers) = (period.knownSeconds, period.largestOther != nil)
        for group in period.groups {
            let start = points.count
            points += group.points
            entries.append(
                Entry(
                    group: group.group, liveBlocks: group.figures.liveBlocks, liveBytes: group.figures.liveBytes,
                    points: start..<points.count))
        }
    }

    /// Takes the entries from the text of ``GroupPeriod/body``. False when it is something else.
    mutating func read(_ body: UnsafeBufferPointer<UInt8>) -> Bool {
        entries.removeAll(keepingCapacity: true)
        points.removeAll(keepingCapacity: true)
        var reader = GroupTextReader(body)
        return reader.held(&entries, &points)
    }
}
