// SPDX-License-Identifier: Apache-2.0
//
// What each group of a heap's blocks held over time, put together from periods.

internal import HeapHistory

struct GroupHistory {
    struct Group {
        let group: BlockGroup
        /// The fewest live bytes of each stretch of time.
        var samples: [GrowthTrend.Sample] = []
        /// At the end of the last period that tells it apart.
        var liveBlocks: UInt32 = 0
        var liveBytes: UInt64 = 0
        /// The number of the last period that tells it apart.
        fileprivate var period = 0

        init(group: BlockGroup, samples: [GrowthTrend.Sample] = []) { (self.group, self.samples) = (group, samples) }
    }

    private(set) var groups: [Group] = []
    /// Of all groups together: a leak can be spread over many variables.
    private(set) var total: [GrowthTrend.Sample] = []
    /// Seconds in which the table was known, and those from the first period to the last one.
    private(set) var knownSeconds: Int64 = 0
    /// Microseconds from the first period to the last one.
    var length: Int64 { (end ?? 0).subtractingClamped(start ?? 0) }
    var seconds: Int64 { (end ?? 0).subtractingClamped(start ?? 0) / 1_000_000 }
    /// Where the first period begins, and the last one ends.
    private(set) var start: Int64?
    private(set) var end: Int64?
    /// When allocations first failed in the range, as far as that was looked up; in microseconds since 1970.
    var firstFailure: Int64?
    /// Of the most bytes it held. What it holds when its table is full varies with the sizes of blocks.
    static let shareWhenFull = 0.75
    private var periods = 0
    /// Times of samples that all groups have.
    private var times: [Int64] = []
    private let firstTime: Int64?
    private let range: ClosedRange<Int64>

    /// A heap has 64 groups in a period at most; a device that invents others in each gets no more memory than this.
    private static let most = 2048

    /// - Parameters:
    ///   - firstTime: of the boot. When its first period is here, the first point of that is left out: the program was setting itself up.
    ///   - range: points outside of it are left out.
    init(since firstTime: Int64?, in range: ClosedRange<Int64>) { (self.firstTime, self.range) = (firstTime, range) }

    /// Made from samples.
    init(_ groups: [Group], total: [GrowthTrend.Sample], from start: Int64, to end: Int64, knownSeconds: Int64) {
        self.init(since: nil, in: start...max(start, end))
        (self.groups, self.total, self.start, self.end, self.knownSeconds) = (groups, total, start, end, knownSeconds)
    }

    /// Adds the next period of the boot.
    mutating func add(_ period: PeriodPoints) {
        knownSeconds = knownSeconds.addingClamped(period.knownSeconds)
        let skipped = periods == 0 && firstTime.map { period.time <= $0 } == true ? 1 : 0
        if periods == 0 { start = period.time }
        end = period.end
        periods += 1
        let step = Int64(period.pointHours).multipliedClamped(by: GroupPeriod.hour)
        // The middle of a stretch.
        func time(_ place: Int) -> Int64 {
            period.time.addingClamped(step.multipliedClamped(by: Int64(place))).addingClamped(step / 2)
        }
        addTotal(period, skipped: skipped, time)
        for entry in period.entries where entry.group != .others {
            guard let index = index(of: entry.group) else { continue }
            for (place, point) in entry.points.enumerated().dropFirst(skipped) {
                guard let bytes = period.points[point], range.contains(time(place)) else { continue }
                groups[index].samples.append(GrowthTrend.Sample(time: time(place), bytes: bytes))
            }
            (groups[index].liveBlocks, groups[index].liveBytes) = (entry.liveBlocks, entry.liveBytes)
            groups[index].period = periods
        }
        // Where all groups are told apart, the others held nothing.
        guard !period.hasOthers, let known = period.entries.first?.points else { return }
        let before = times.count
        for (place, point) in known.enumerated().dropFirst(skipped)
        where period.points[point] != nil && range.contains(time(place)) {
            times.append(time(place))
        }
        for index in groups.indices where groups[index].period != periods {
            for time in times[before...] { groups[index].samples.append(GrowthTrend.Sample(time: time, bytes: 0)) }
            (groups[index].liveBlocks, groups[index].liveBytes) = (0, 0)
        }
    }

    private mutating func addTotal(_ period: PeriodPoints, skipped: Int, _ time: (Int) -> Int64) {
        for place in (0..<(period.entries.first?.points.count ?? 0)).dropFirst(skipped)
        where range.contains(time(place)) {
            var sum: UInt64? = 0
            for entry in period.entries where place < entry.points.count {
                sum = period.points[entry.points.lowerBound &+ place].flatMap { point in sum?.addingClamped(point) }
                if sum == nil { break }
            }
            if let sum { total.append(GrowthTrend.Sample(time: time(place), bytes: sum)) }
        }
    }

    /// When a heap that is full became so: from then on what leaks can't go on, and looks like a cache that stays. Allocations fail
    /// from then on, and it holds about as much as it ever did. Nil without failures.
    var fullSince: Int64? {
        guard let firstFailure, let most = total.map(\.bytes).max() else { return nil }
        return total.first { $0.time >= firstFailure && Double($0.bytes) >= Self.shareWhenFull * Double(most) }?.time
    }

    /// A group that comes later held nothing before, as far as all groups were told apart.
    private mutating func index(of group: BlockGroup) -> Int? {
        if let index = groups.firstIndex(where: { $0.group == group }) { return index }
        guard groups.count < Self.most else { return nil }
        var samples: [GrowthTrend.Sample] = []
        // A fleet has millions of groups, most of them with few samples: one piece of memory for each.
        samples.reserveCapacity(times.count + 16)
        for time in times { samples.append(GrowthTrend.Sample(time: time, bytes: 0)) }
        groups.append(Group(group: group, samples: samples))
        return groups.count - 1
    }
}
