// SPDX-License-Identifier: Apache-2.0
//
// How many values there were of each order of magnitude to the base of two: lifetimes of blocks, for one.

internal import HeapHistory

/// Bucket 0 counts zeros, bucket k the values of k bits, from 2ᵏ⁻¹ to 2ᵏ − 1. Quantiles are known to a factor of two.
struct Log2Histogram: Equatable, Sendable {
    /// 65 buckets; sums stop at the limit of a ``Count``.
    private(set) var counts: [UInt64]

    static let buckets = 65

    /// - Parameter counts: of the first buckets; the others are 0. What is beyond bucket 64 can't be, and is left out.
    init(counts: [UInt64] = []) {
        self.counts = (0..<Self.buckets).map { $0 < counts.count ? Self.clamped(counts[$0]) : 0 }
    }

    static func bucket(of value: UInt64) -> Int {
        UInt64.bitWidth - value.leadingZeroBitCount
    }

    /// What a bucket holds; nil of one that isn't.
    static func range(of bucket: Int) -> ClosedRange<UInt64>? {
        switch bucket {
        case 0: 0...0
        case 1..<buckets: (1 << (UInt64(bucket) &- 1))...(UInt64.max >> (64 &- UInt64(bucket)))
        default: nil
        }
    }

    mutating func add(_ value: UInt64, times count: UInt64 = 1) {
        let bucket = Self.bucket(of: value)
        counts[bucket] = Self.clamped(counts[bucket].addingClamped(count))
    }

    mutating func add(_ other: Log2Histogram) {
        for bucket in counts.indices {
            counts[bucket] = Self.clamped(counts[bucket].addingClamped(other.counts[bucket]))
        }
    }

    var total: UInt64 {
        counts.reduce(0) { $0.addingClamped($1) }
    }

    /// Between which two values the quantile is: the smallest value that this share of all is at most. Nil without values.
    func bounds(_ share: Double) -> ClosedRange<UInt64>? {
        place(share).flatMap { Self.range(of: $0.bucket) }
    }

    /// About where within the bounds it is, if values are spread evenly over the bucket's scale; nil without values.
    func estimate(_ share: Double) -> Double? {
        guard let (bucket, part) = place(share), let range = Self.range(of: bucket) else { return nil }
        let (low, high) = (Double(range.lowerBound), Double(range.upperBound))
        return min(low + low * part, high)
    }

    /// The bucket of the quantile, and which part of the bucket's values is below it.
    private func place(_ share: Double) -> (bucket: Int, part: Double)? {
        let total = counts.reduce(0.0) { $0 + Double($1) }
        guard total > 0, !share.isNaN else { return nil }
        let wanted = min(max(share, 0), 1) * total
        var before = 0.0
        for (bucket, count) in counts.enumerated() where count > 0 {
            let after = before + Double(count)
            // A millionth of a value is no value: shares such as 0.9 are a little more or less than that.
            if wanted <= after + 1e-6 { return (bucket, max(0, wanted - before) / Double(count)) }
            before = after
        }
        return counts.lastIndex { $0 > 0 }.map { ($0, 1) }
    }

    private static func clamped(_ count: UInt64) -> UInt64 {
        min(count, UInt64(clamping: Count.limit))
    }
}
