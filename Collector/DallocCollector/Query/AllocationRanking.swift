// SPDX-License-Identifier: Apache-2.0
//
// Who allocated in a range, as its summaries tell. Devices may tell of any number of tags: only so many are told apart.

internal import HeapHistory
internal import HeapWire

struct AllocationRanking {
    private struct Key: Hashable {
        var build: Int
        var tag: AllocationTag
        var address: UInt64
    }

    /// Of what devices say: counts stop at their limit, and never trap.
    private struct Sum {
        var allocations = Count.zero
        var bytes = Count.zero

        static func += (sum: inout Sum, more: AllocationSums.Sum) {
            // Counts, whose addition can't overflow.
            sum.allocations += more.allocations
            sum.bytes += more.bytes
        }

        static func += (sum: inout Sum, more: Sum) {
            // Counts, whose addition can't overflow.
            sum.allocations += more.allocations
            sum.bytes += more.bytes
        }
    }

    /// Tags that an answer tells apart, and those that are remembered until then.
    static let most = 64
    static let mostRemembered = 10_000

    private var builds: [String] = []
    private var sums: [Key: Sum] = [:]
    private var others = Sum()

    mutating func add(_ summary: SummaryFrame, build: String) {
        others += summary.sums.others
        let index = builds.firstIndex(of: build) ?? builds.count
        if index == builds.count { builds.append(build) }
        for tag in summary.sums.tags {
            sums[Key(build: index, tag: summary.tag, address: tag.tag), default: Sum()] += tag.sum
        }
        if sums.count > 2 * Self.mostRemembered { keep(Self.mostRemembered) }
    }

    /// Keeps the largest.
    private mutating func keep(_ count: Int) {
        let ranked = ranked
        for (key, sum) in ranked.dropFirst(count) {
            others += sum
            sums[key] = nil
        }
    }

    /// The most bytes first; always in the same order.
    private var ranked: [(key: Key, value: Sum)] {
        sums.sorted { left, right in
            if left.value.bytes != right.value.bytes { return left.value.bytes > right.value.bytes }
            if left.value.allocations != right.value.allocations {
                return left.value.allocations > right.value.allocations
            }
            return (left.key.address, left.key.build, left.key.tag.rawValue)
                < (right.key.address, right.key.build, right.key.tag.rawValue)
        }
    }

    /// Others come last.
    func shares() -> [AllocationShare] {
        var rest = others
        let ranked = ranked
        for (_, sum) in ranked.dropFirst(Self.most) { rest += sum }
        let kept = ranked.prefix(Self.most)
        let all = kept.reduce(rest.bytes) { $0 + $1.value.bytes }
        func share(_ bytes: Count) -> Double { all.isZero ? 0 : Double(bytes.value) / Double(all.value) }
        var shares = kept.map { key, sum in
            AllocationShare(
                key.tag, address: Address(key.address), build: builds[key.build], allocations: sum.allocations.int,
                bytes: sum.bytes.int, share: share(sum.bytes))
        }
        if !rest.allocations.isZero || !rest.bytes.isZero {
            shares.append(
                AllocationShare(
                    .others, allocations: rest.allocations.int, bytes: rest.bytes.int, share: share(rest.bytes)))
        }
        return shares
    }
}
