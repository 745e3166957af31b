// SPDX-License-Identifier: Apache-2.0
//
// TLSF's free lists, last in first out, with two levels of bitmaps that tell which have blocks.

struct SegregatedLists: Sendable {
    private struct Links: Sendable {
        var before: UInt32
        var after: UInt32
    }

    private static let none = UInt32.max

    private let classes: SizeClasses
    /// The first piece of each list, by first and second level.
    private var heads: [UInt32]
    /// Which first-level lists have blocks.
    private var firstMap: UInt32 = 0
    /// Which second-level lists have, in each of them.
    private var secondMaps: [UInt32]
    /// By piece.
    private var links: [Links] = []

    init(_ classes: SizeClasses) {
        self.classes = classes
        heads = Array(repeating: Self.none, count: classes.firsts << classes.divisions)
        secondMaps = Array(repeating: 0, count: classes.firsts)
    }

    private func index(_ list: SizeClasses.Class) -> Int { (list.first << classes.divisions) + list.second }

    /// Puts a piece of `size` bytes in front of its list.
    mutating func insert(_ piece: UInt32, size: Int) {
        let list = classes.list(of: size)
        let head = heads[index(list)]
        while links.count <= Int(piece) { links.append(Links(before: Self.none, after: Self.none)) }
        links[Int(piece)] = Links(before: Self.none, after: head)
        if head != Self.none { links[Int(head)].before = piece }
        heads[index(list)] = piece
        firstMap |= 1 << UInt32(truncatingIfNeeded: list.first)
        secondMaps[list.first] |= 1 << UInt32(truncatingIfNeeded: list.second)
    }

    mutating func remove(_ piece: UInt32, size: Int) {
        let list = classes.list(of: size)
        let link = links[Int(piece)]
        if link.after != Self.none { links[Int(link.after)].before = link.before }
        guard link.before == Self.none else {
            links[Int(link.before)].after = link.after
            return
        }
        heads[index(list)] = link.after
        guard link.after == Self.none else { return }
        secondMaps[list.first] &= ~(1 << UInt32(truncatingIfNeeded: list.second))
        if secondMaps[list.first] == 0 { firstMap &= ~(1 << UInt32(truncatingIfNeeded: list.first)) }
    }

    /// The first piece of the first list that has pieces, from the one on whose pieces all have `size` bytes or more.
    func first(ofSize size: Int) -> UInt32? {
        let from = classes.search(size)
        guard from.first < classes.firsts else { return nil }
        var first = from.first
        var map = secondMaps[first] & (UInt32.max << UInt32(truncatingIfNeeded: from.second))
        if map == 0 {
            let later = firstMap & (UInt32.max << UInt32(truncatingIfNeeded: first + 1))
            guard later != 0 else { return nil }
            first = later.trailingZeroBitCount
            map = secondMaps[first]
        }
        return heads[index(SizeClasses.Class(first: first, second: map.trailingZeroBitCount))]
    }
}
