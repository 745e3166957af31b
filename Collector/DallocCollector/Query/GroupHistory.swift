// SPDX-License-Identifier: Apache-2.0
//
// What each group of a heap's blocks held over time, put together from periods.

internal import HeapHistory

struct GroupHistory {
    struct Group {
        /// The fewest live bytes of each hour, or of a few.
        var samples: [GrowthTrend.Sample] = []
        /// At the end of the last period that tells it apart.
        var liveBlocks: UInt32 = 0
        var liveBytes: UInt64 = 0
    }

    private(set) var groups: [BlockGroup: Group] = [:]
    /// Seconds in which the table was known, and those from the first period to the last one.
    private(set) var knownSeconds: Int64 = 0
    private(set) var seconds: Int64 = 0
    /// Where the last period ends.
    private(set) var end: Int64?
    /// Times of samples that all groups have.
    private var times: [Int64] = []

    /// - Parameters:
    ///   - periods: of one heap and boot, in order.
    ///   - isBeginning: the first of them is the first of the boot. Its first point is left out: the program was setting itself up.
    init(_ periods: [GroupPeriod], isBeginning: Bool) {
        for (index, period) in periods.enumerated() { add(period, isFirst: index == 0 && isBeginning) }
        guard let first = periods.first, let last = periods.last else { return }
        seconds = last.end.subtractingClamped(first.time) / 1_000_000
    }

    private mutating func add(_ period: GroupPeriod, isFirst: Bool) {
        knownSeconds = knownSeconds.addingClamped(period.knownSeconds)
        end = period.end
        let step = Int64(period.pointHours).multipliedClamped(by: GroupPeriod.hour)
        let count = period.groups.first?.points.count ?? 0
        // The middle of each stretch.
        let times = (0..<count).map { place in
            period.time.addingClamped(step.multipliedClamped(by: Int64(place))).addingClamped(step / 2)
        }
        let skipped = isFirst ? 1 : 0
        var isTold: Set<BlockGroup> = []
        for entry in period.groups where entry.group != .others {
            isTold.insert(entry.group)
            var group = groups[entry.group] ?? Group(samples: before(period))
            for (place, point) in entry.points.enumerated().dropFirst(skipped) {
                if let point { group.samples.append(GrowthTrend.Sample(time: times[place], bytes: point)) }
            }
            (group.liveBlocks, group.liveBytes) = (entry.figures.liveBlocks, entry.figures.liveBytes)
            groups[entry.group] = group
        }
        guard let known = period.groups.first?.points else { return }
        // Where all groups are told apart, the others held nothing.
        if period.largestOther == nil {
            for group in groups.keys where !isTold.contains(group) {
                for (place, point) in known.enumerated().dropFirst(skipped) where point != nil {
                    groups[group]?.samples.append(GrowthTrend.Sample(time: times[place], bytes: 0))
                }
                groups[group]?.liveBlocks = 0
                groups[group]?.liveBytes = 0
            }
            for (place, point) in known.enumerated().dropFirst(skipped) where point != nil {
                self.times.append(times[place])
            }
        }
    }

    /// A group that comes later held nothing before, as far as all groups were told apart.
    private func before(_ period: GroupPeriod) -> [GrowthTrend.Sample] {
        times.map { GrowthTrend.Sample(time: $0, bytes: 0) }
    }
}
