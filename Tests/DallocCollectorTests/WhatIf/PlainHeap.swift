// SPDX-License-Identifier: Apache-2.0
//
// What an allocator that doesn't move blocks does, written a second time and in the plainest way: a list of ranges that is looked through
// from end to end. The models are held to it.

struct PlainHeap {
    struct Range: Equatable {
        var start: Int
        var size: Int
        var isFree: Bool
        /// When it became a free range: a higher number is later. 0 of those in use.
        var stamp = 0
    }

    struct Rules {
        /// Bytes that a block of that size takes.
        var bytes: (Int) -> Int
        /// The least bytes that are cut off.
        var leastRest: Int
        /// Which of the free ranges a block of so many bytes gets.
        var choose: ([Range], Int) -> Range?
        /// How many bytes are copied when a block of that size and range is resized.
        var copied: (_ old: Int, _ range: Int, _ new: Int) -> Int
        var growsInPlace = true
    }

    let rules: Rules
    private(set) var ranges: [Range]
    private(set) var bytesCopied = 0
    private(set) var peakUsed = 0
    private var stamp = 0

    init(room: Int, _ rules: Rules) {
        self.rules = rules
        ranges = room > 0 ? [Range(start: 0, size: room, isFree: true)] : []
    }

    var used: Int { ranges.reduce(0) { $0 + ($1.isFree ? 0 : $1.size) } }
    var largestFree: Int { ranges.filter(\.isFree).map(\.size).max() ?? 0 }

    mutating func allocate(_ size: Int) -> Int? {
        let wanted = rules.bytes(size)
        guard size > 0, let chosen = rules.choose(ranges.filter(\.isFree), wanted) else { return nil }
        let index = index(chosen.start)
        ranges[index].isFree = false
        ranges[index].stamp = 0
        cut(index, to: wanted)
        peakUsed = max(peakUsed, used)
        return chosen.start
    }

    mutating func free(_ start: Int) {
        ranges[index(start)].isFree = true
        stampAndJoin(start)
    }

    /// Where the block is then.
    mutating func resize(_ start: Int, from old: Int, to size: Int) -> Int? {
        guard size > 0 else { return nil }
        let (index, wanted) = (index(start), rules.bytes(size))
        if rules.growsInPlace {
            if wanted <= ranges[index].size {
                cut(index, to: wanted)
                return start
            }
            if index + 1 < ranges.count, ranges[index + 1].isFree,
                ranges[index].size + ranges[index + 1].size >= wanted
            {
                ranges[index].size += ranges.remove(at: index + 1).size
                cut(index, to: wanted)
                peakUsed = max(peakUsed, used)
                return start
            }
        }
        let range = ranges[index].size
        guard let new = allocate(size) else { return nil }
        bytesCopied += rules.copied(old, range, size)
        free(start)
        return new
    }

    private func index(_ start: Int) -> Int {
        ranges.firstIndex { $0.start == start } ?? -1
    }

    private mutating func cut(_ index: Int, to wanted: Int) {
        let rest = ranges[index].size - wanted
        guard rest >= rules.leastRest else { return }
        ranges[index].size = wanted
        let start = ranges[index].start + wanted
        ranges.insert(Range(start: start, size: rest, isFree: true), at: index + 1)
        stampAndJoin(start)
    }

    private mutating func stampAndJoin(_ start: Int) {
        stamp += 1
        var index = index(start)
        ranges[index].stamp = stamp
        if index + 1 < ranges.count, ranges[index + 1].isFree {
            ranges[index].size += ranges.remove(at: index + 1).size
        }
        if index > 0, ranges[index - 1].isFree {
            let joined = ranges.remove(at: index)
            index -= 1
            ranges[index].size += joined.size
            ranges[index].stamp = stamp
        }
    }
}
