// SPDX-License-Identifier: Apache-2.0
//
// How long things took, in steps of about 4 %, whatever their number.

struct Latencies {
    private var counts = [Int](repeating: 0, count: 1024)
    private(set) var total = 0
    private(set) var longest: UInt64 = 0

    /// - Parameter time: microseconds.
    mutating func add(_ time: UInt64) {
        counts[Self.bucket(time)] += 1
        total += 1
        longest = max(longest, time)
    }

    /// The time that a share of them did not exceed, in microseconds.
    func quantile(_ share: Double) -> UInt64 {
        var left = Int((Double(total) * share).rounded(.up))
        for (bucket, count) in counts.enumerated() where count > 0 {
            left -= count
            if left <= 0 { return min(Self.upperBound(bucket), longest) }
        }
        return longest
    }

    /// 16 buckets for each power of two.
    private static func bucket(_ time: UInt64) -> Int {
        guard time >= 16 else { return Int(time) }
        let exponent = 63 - time.leadingZeroBitCount
        return min((exponent - 3) * 16 + Int(time >> UInt64(exponent - 4) & 15), 1023)
    }

    private static func upperBound(_ bucket: Int) -> UInt64 {
        guard bucket >= 16 else { return UInt64(bucket) }
        let exponent = UInt64(bucket / 16 + 3)
        return (UInt64(bucket % 16 + 17) << (exponent - 4)) - 1
    }
}
