// SPDX-License-Identifier: Apache-2.0

/// The numbers at which sums, shifts and the lengths of varints turn over.
enum ExtremeNumbers {
    /// 0, 1, the largest, the one before it, and all around the lengths of a varint.
    static func all(in range: ClosedRange<UInt64>) -> [UInt64] {
        var values: Set = [0, 1, range.lowerBound, range.upperBound, range.upperBound &- 1]
        for length in 1...9 {
            let turn = UInt64(1) << (length * 7)
            values.formUnion([turn - 1, turn, turn + 1])
        }
        return values.filter { range.contains($0) }.sorted()
    }
}
