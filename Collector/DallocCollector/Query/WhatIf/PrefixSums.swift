// SPDX-License-Identifier: Apache-2.0
//
// A row of numbers whose sums up to any place are known in logarithmic time: a binary indexed tree (P. M. Fenwick, "A new data
// structure for cumulative frequency tables", Software: Practice and Experience 24(3), 1994).

struct PrefixSums: Sendable {
    /// How many numbers: a power of two.
    let count: Int
    /// Element i, counted from 1, is the sum of as many numbers up to i as the lowest bit of i says.
    private var tree: [UInt32]

    /// The sum of all numbers must fit in 32 bits at any time: they are bytes of one heap.
    init(_ numbers: [UInt32]) {
        assert(numbers.count > 0 && numbers.count & (numbers.count - 1) == 0, "the number of places is a power of two")
        count = numbers.count
        tree = [0] + numbers
        for place in 1...count {
            let parent = place + place & -place
            if parent <= count { tree[parent] &+= tree[place] }
        }
    }

    /// Adds `change`, which may be negative in two's complement.
    mutating func add(_ change: UInt32, at index: Int) {
        var place = index + 1
        while place <= count {
            tree[place] &+= change
            place += place & -place
        }
    }

    /// The sum of the numbers before `index`.
    func sum(before index: Int) -> Int {
        var (place, sum) = (index, UInt32(0))
        while place > 0 {
            sum &+= tree[place]
            place &= place - 1
        }
        return Int(sum)
    }

    /// The lowest index up to which, itself included, the sum is above `limit`; ``count`` when there is none.
    func index(whereSumExceeds limit: Int) -> Int {
        var (place, step, rest) = (0, count, limit)
        while step > 0 {
            if place + step <= count, Int(tree[place + step]) <= rest {
                place += step
                rest -= Int(tree[place])
            }
            step /= 2
        }
        return place
    }
}
