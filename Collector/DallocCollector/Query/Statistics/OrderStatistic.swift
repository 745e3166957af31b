// SPDX-License-Identifier: Apache-2.0
//
// The k-th smallest of many numbers, without sorting them all.

enum OrderStatistic {
    /// The value that would stand at `rank`, counted from 0, if `values` were sorted. The order of `values` changes.
    ///
    /// Hoare's selection (1961) with three parts, so that many equal values cost nothing: linear in the mean.
    /// - Precondition: `values` has a value at `rank`, and none is NaN.
    static func select(_ rank: Int, of values: inout [Double]) -> Double {
        values.withUnsafeMutableBufferPointer { select(rank, of: $0) }
    }

    /// The mean of the two middle values, or the middle one; NaN of none. NaNs are left out.
    static func median(_ values: some Sequence<Double>) -> Double {
        var values = values.filter { !$0.isNaN }
        return values.isEmpty ? .nan : median(ofFinite: &values)
    }

    /// The same, of values of which there is one and none is NaN. Their order changes.
    static func median(ofFinite values: inout [Double]) -> Double {
        let half = values.count / 2
        let upper = select(half, of: &values)
        if values.count % 2 == 1 { return upper }
        // What is below the rank stands before it now.
        let lower = values[..<half].max() ?? upper
        return lower == upper ? upper : lower / 2 + upper / 2
    }

    private static func select(_ rank: Int, of values: UnsafeMutableBufferPointer<Double>) -> Double {
        var low = 0
        var high = values.count - 1
        while low < high {
            let first = values[low]
            let middle = values[low + (high - low) / 2]
            let last = values[high]
            let pivot = max(min(first, middle), min(max(first, middle), last))
            var below = low
            var above = high
            var index = low
            while index <= above {
                let value = values[index]
                if value < pivot {
                    values.swapAt(index, below)
                    below += 1
                    index += 1
                } else if value > pivot {
                    values.swapAt(index, above)
                    above -= 1
                } else {
                    index += 1
                }
            }
            if rank < below {
                high = below - 1
            } else if rank > above {
                low = above + 1
            } else {
                return pivot
            }
        }
        return values[rank]
    }
}
