// SPDX-License-Identifier: Apache-2.0
//
// What groups held in a few hours, from the frames: periods have a point an hour at most, and a board on the desk is watched for minutes.

internal import HeapHistory
internal import HeapReplica
internal import HeapWire

struct ShortGroupHistory {
    /// Microseconds. Longer ranges have enough points in periods.
    static let longest: Int64 = 43_200_000_000
    private static let steps: Int64 = 120
    /// A stored table is no further back.
    private static let lookBack: UInt32 = 512

    private let layout: HeapLayout
    private let (start, end): (Int64, Int64)
    /// Of a point.
    private let width: Int64

    init(_ layout: HeapLayout, from start: Timestamp, to end: Timestamp) {
        (self.layout, self.start, self.end) = (layout, start.microseconds, end.microseconds)
        width = max(200_000, end.microseconds(since: start) / Self.steps)
    }

    func history(_ frames: HeapFrames, _ work: WorkBudget?) throws -> GroupHistory {
        var replay = GroupReplay(layout, ticksPerSecond: 1)
        var (isKnown, known, last) = ([Bool](), Int64(0), start)
        var (failures, firstFailure) = (UInt64.max, Int64?.none)
        let before = try frames.last(at: Timestamp(microseconds: start))?.sequence ?? 0
        try frames.forEach(after: Int64(before &- min(before, Self.lookBack))) { frame in
            let time = frame.time.microseconds
            guard time <= end else { return false }
            while time >= start.addingClamped(width.multipliedClamped(by: Int64(isKnown.count &+ 1))),
                isKnown.count <= Self.steps
            {
                isKnown.append(replay.isKnown)
                replay.tally.closeHour()
                replay.closedHours = isKnown.count
            }
            let done = replay.table.replica.steps
            let isWhole = replay.apply(frame)
            work?.spend(Int(clamping: replay.table.replica.steps &- done))
            if isWhole { known = known.addingClamped(max(0, time.subtractingClamped(max(last, start)))) }
            last = time
            if let total = frame.reported?.totals.failures {
                if firstFailure == nil, total > failures, time >= start { firstFailure = time }
                failures = total
            }
            return true
        }
        // The first stretch is left out: the program was setting itself up.
        let groups = replay.tally.entries.map { entry in
            var group = GroupHistory.Group(group: entry.group)
            (group.liveBlocks, group.liveBytes) = (entry.figures.liveBlocks, entry.figures.liveBytes)
            for (place, point) in entry.points.enumerated().dropFirst() where isKnown[place] {
                let middle = start.addingClamped(width.multipliedClamped(by: Int64(place))).addingClamped(width / 2)
                group.samples.append(GrowthTrend.Sample(time: middle, bytes: point))
            }
            return group
        }
        var total: [GrowthTrend.Sample] = []
        for (place, sample) in (groups.first?.samples ?? []).enumerated() {
            let sum = groups.reduce(UInt64(0)) { $0.addingClamped($1.samples[place].bytes) }
            total.append(GrowthTrend.Sample(time: sample.time, bytes: sum))
        }
        var history = GroupHistory(groups, total: total, from: start, to: end, knownSeconds: known / 1_000_000)
        history.firstFailure = firstFailure
        return history
    }
}
