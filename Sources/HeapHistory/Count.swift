// SPDX-License-Identifier: Apache-2.0
//
// How many: what devices count, and sums of it. It stops at its limit instead of trapping, so no device's figures can end a process,
// and no sum can leave the range of SQLite's integers and of JSON's.

/// A number from 0 to 2^62 − 1. It has no operators but those here, and none of them traps.
public struct Count: Hashable, Sendable {
    public let value: Int64

    /// 2^62 − 1, as of the totals in schema/wire.md. Two of them add up within 64 bits.
    public static let limit: Int64 = 1 << 62 - 1
    public static let zero = Count(clamping: 0)

    /// The nearest number in range.
    @inlinable public init(clamping value: some BinaryInteger) {
        self.value = min(max(Int64(clamping: value), 0), Self.limit)
    }

    @inlinable public var isZero: Bool { value == 0 }
    @inlinable public var int: Int { Int(clamping: value) }

    @inlinable public static func + (left: Count, right: Count) -> Count {
        Count(clamping: left.value &+ right.value)
    }

    @inlinable public static func += (sum: inout Count, more: Count) { sum = sum + more }

    @inlinable public static func += (sum: inout Count, more: some BinaryInteger) { sum = sum + Count(clamping: more) }

    @inlinable public func times(_ factor: Count) -> Count {
        let (product, overflow) = value.multipliedReportingOverflow(by: factor.value)
        return overflow ? Count(clamping: Self.limit) : Count(clamping: product)
    }
}

extension Count: Comparable {
    @inlinable public static func < (left: Count, right: Count) -> Bool { left.value < right.value }
}
