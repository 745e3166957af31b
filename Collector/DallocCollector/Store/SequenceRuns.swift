// SPDX-License-Identifier: Apache-2.0
//
// Sequence numbers that were seen, as runs without a hole: a boot's frames take hardly more memory than its gaps.

struct SequenceRuns: Sendable {
    /// From the first number up to and without the end; in order, and none touches the next.
    private(set) var runs: [Range<UInt64>] = []

    mutating func insert(_ number: UInt32) {
        defer { assert(zip(runs, runs.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound }) }
        // Below 2^32, so the next one fits, too.
        let (number, next) = (UInt64(number), UInt64(number) &+ 1)
        // Most come in order.
        if let last = runs.last, last.upperBound == number {
            runs[runs.count - 1] = last.lowerBound..<next
            return
        }
        let index = runs.firstIndex { $0.upperBound >= number } ?? runs.count
        guard index < runs.count else {
            runs.append(number..<next)
            return
        }
        let run = runs[index]
        if run.contains(number) { return }
        if run.upperBound == number {
            let isBridge = index + 1 < runs.count && runs[index + 1].lowerBound == next
            runs[index] = run.lowerBound..<(isBridge ? runs[index + 1].upperBound : next)
            if isBridge { runs.remove(at: index + 1) }
        } else if run.lowerBound == next {
            runs[index] = number..<run.upperBound
        } else {
            runs.insert(number..<next, at: index)
        }
    }

    /// What is missing between the first and the last number.
    var holes: [Range<UInt64>] {
        zip(runs, runs.dropFirst()).map { $0.upperBound..<$1.lowerBound }
    }
}
