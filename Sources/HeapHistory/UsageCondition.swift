// SPDX-License-Identifier: Apache-2.0
//
// How full a heap is, as people ask for it: `>80%` of its size, `<=16K`, or `80%`, which is the same as `>=80%`.

public struct UsageCondition: Equatable, Sendable, CustomStringConvertible {
    private enum Comparison: String, CaseIterable {
        // The longer ones first: one begins with another.
        case atLeast = ">="
        case atMost = "<="
        case more = ">"
        case less = "<"
    }

    private enum Amount: Equatable {
        case percent(Double)
        case bytes(Int)
    }

    private let comparison: Comparison
    private let amount: Amount
    public let description: String

    /// A comparison or none, a whole number, and `%`, `K` or `M` (1024 and 1024² bytes) or nothing. A percentage may have decimals. Nil for
    /// anything else.
    public init?(_ text: String) {
        description = text
        comparison = Comparison.allCases.first { text.hasPrefix($0.rawValue) } ?? .atLeast
        var number = text.hasPrefix(comparison.rawValue) ? text.dropFirst(comparison.rawValue.count) : text[...]
        guard number.utf8.first.map({ (48...57).contains($0) }) == true else { return nil }
        if number.hasSuffix("%") {
            number.removeLast()
            guard number.utf8.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: ".") }), number.utf8.count <= 9,
                let percent = Double(number)
            else { return nil }
            amount = .percent(percent)
        } else {
            let unit = [("K", 1024), ("M", 1_048_576)].first { number.hasSuffix($0.0) }
            if unit != nil { number.removeLast() }
            guard number.utf8.allSatisfy({ (48...57).contains($0) }), let count = Int(number) else { return nil }
            amount = .bytes(count.multipliedClamped(by: unit?.1 ?? 1))
        }
    }

    /// False while nothing is known of the heap.
    public func holds(for heap: HeapSummary) -> Bool {
        guard heap.sequence > 0 else { return false }
        switch amount {
        case .bytes(let bytes): return compare(heap.used, bytes)
        case .percent(let percent): return compare(Double(heap.used) * 100, Double(heap.size) * percent)
        }
    }

    private func compare<Number: Comparable>(_ left: Number, _ right: Number) -> Bool {
        switch comparison {
        case .atLeast: left >= right
        case .atMost: left <= right
        case .more: left > right
        case .less: left < right
        }
    }
}
