// SPDX-License-Identifier: Apache-2.0
//
// A period that ends, or goes on, as a row.

internal import HeapHistory
internal import HeapReplica

extension GroupPeriod {
    /// A row may have a byte for each operation, but so many at any rate.
    private static let fewestBytes = 512
    /// Groups that have a place in every row.
    private static let fewest = 12
    /// Hours of a point: as many as fit. Fewer would hide a leak for a week; then rather fewer groups.
    private static let steps = [1, 4]

    /// The period as it is now. Its hours are those that are closed, and one more when it is `open`.
    init(_ open: OpenGroups, isOpen: Bool = false) {
        let hours = open.sampledHours.count + (isOpen ? 1 : 0)
        self.init(
            time: open.time ?? 0, hours: max(hours, 1), pointHours: 1, knownSeconds: open.known / 1_000_000, groups: [],
            groupCount: 0, largestOther: nil)
        var all = Self.groups(of: open, isOpen: isOpen)
        groupCount = all.count
        all.sort { ($0.rank, $1.group.code) > ($1.rank, $0.group.code) }
        let room = isOpen ? Int.max : max(Int(clamping: open.operations), Self.fewestBytes)
        for step in isOpen ? [1] : Self.steps.filter({ $0 == 1 || hours > 1 }) {
            pointHours = step
            groups = all.map { group in
                var group = group
                group.points = Self.coarsened(group.points, step)
                return group
            }
            if Self.bytes(groups.prefix(Self.most)) <= room { break }
        }
        fit(room)
    }

    private static func bytes(_ groups: some Sequence<Group>) -> Int {
        groups.reduce(2) { $0 + $1.text.utf8.count + 1 }
    }

    /// Puts the smallest groups into `others`.
    private mutating func fit(_ room: Int) {
        var (kept, bytes) = (0, 2)
        while kept < min(groups.count, Self.most) {
            bytes += groups[kept].text.utf8.count + 1
            if kept >= Self.fewest, bytes > room { break }
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
