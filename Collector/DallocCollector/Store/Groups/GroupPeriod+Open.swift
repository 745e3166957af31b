// SPDX-License-Identifier: Apache-2.0
//
// A period that ends, or goes on, as a row.

internal import HeapHistory
internal import HeapReplica

extension GroupPeriod {
    /// A row may have five bytes for eight operations, but so many at any rate. With what else there is in the database for
    /// answers, it comes to less than a byte for an operation in heaps that do a thousand a day.
    private static let fewestBytes = 512
    /// Groups that have a place in every row.
    private static let fewest = 5
    /// Hours of a point: as many as fit. Fewer would hide a leak for a week; then rather fewer groups.
    private static let steps = [1, 4]

    /// The period as it is now. Its hours are those that are closed, and one more when it goes on (`isOpen`), or ends within that hour
    /// (`isLast`).
    init(_ open: OpenGroups, isOpen: Bool = false, isLast: Bool = false) {
        let hours = open.sampledHours.count + (isOpen || isLast ? 1 : 0)
        self.init(
            time: open.time ?? 0, hours: max(hours, 1), pointHours: 1, knownSeconds: open.known / 1_000_000, groups: [],
            groupCount: 0, largestOther: nil)
        let all = Self.groups(of: open, isOpen: isOpen || isLast)
        let ranks = all.map(\.rank)
        let order = all.indices.sorted { (ranks[$0], all[$1].group) > (ranks[$1], all[$0].group) }
        (groups, groupCount) = (order.map { all[$0] }, all.count)
        let room = isOpen ? Int.max : max(Int(clamping: open.operations / 8).multipliedClamped(by: 5), Self.fewestBytes)
        if !isOpen, hours > 1 { pointHours = Self.steps.first { fits(room, step: $0) } ?? Self.steps[1] }
        for index in groups.indices { groups[index].points = Self.coarsened(groups[index].points, pointHours) }
        fit(room)
    }

    /// All groups that a row may tell apart have a place in it, with points of so many hours.
    private func fits(_ room: Int, step: Int) -> Bool {
        var text: [UInt8] = []
        for (index, group) in groups.prefix(Self.most).enumerated() {
            var group = group
            group.points = Self.coarsened(group.points, step)
            group.write(to: &text)
            // Often the first few are too much.
            if text.count + index + 3 > room { return false }
        }
        return true
    }

    /// Puts the smallest groups into `others`.
    private mutating func fit(_ room: Int) {
        var (kept, text) = (0, [UInt8]())
        while kept < min(groups.count, Self.most) {
            groups[kept].write(to: &text)
            if kept >= Self.fewest, text.count + kept + 2 > room { break }
            kept += 1
        }
        guard kept < groups.count else { return }
        var others = Group(
            group: .others, figures: GroupFigures(), points: Array(repeating: 0, count: groups[0].points.count))
        largestOther = 0
        for group in groups[kept...] {
            others.figures += group.figures
            largestOther = max(largestOther ?? 0, group.rank)
            for index in others.points.indices {
                others.points[index] = group.points[index].flatMap { point in
                    others.points[index].map { $0.addingClamped(point) }
                }
            }
        }
        groups.removeSubrange(kept...)
        groups.append(others)
    }

    /// The fewest in each stretch of `step` hours.
    private static func coarsened(_ points: [UInt64?], _ step: Int) -> [UInt64?] {
        guard step > 1 else { return points }
        return stride(from: 0, to: points.count, by: step).map { start in
            points[start..<min(start + step, points.count)].compactMap { $0 }.min()
        }
    }

    private static func groups(of open: OpenGroups, isOpen: Bool) -> [Group] {
        let (tally, table) = (open.replay.tally, open.replay.table)
        var oldest: [UInt64?] = Array(repeating: nil, count: tally.entries.count)
        for (block, group) in tally.members.enumerated() {
            let tick = table.replica[block].tick
            guard tick != ReplicaEntry.unknownTick else { continue }
            oldest[Int(group)] = min(oldest[Int(group)] ?? tick, tick)
        }
        return zip(tally.entries, oldest).compactMap { entry, oldest in
            var points: [UInt64?] = zip(entry.points, open.sampledHours).map { $1 ? $0 : nil }
            if isOpen { points.append(open.replay.isKnown ? entry.low : nil) }
            guard !entry.figures.isIdle || points.contains(where: { ($0 ?? 0) > 0 }) else { return nil }
            var figures = entry.figures
            figures.oldest = oldest.map { tick in
                Int64(clamping: (open.replay.tick &- min(tick, open.replay.tick)) / open.replay.ticksPerSecond)
            }
            return Group(group: entry.group, figures: figures, points: points)
        }
    }
}

extension GroupPeriod.Group {
    /// What decides whether it is told apart: the most live bytes that points or the end know of.
    fileprivate var rank: UInt64 { points.reduce(figures.liveBytes) { max($0, $1 ?? 0) } }
}
