// SPDX-License-Identifier: Apache-2.0
//
// No operator that traps for the types that numbers from outside have. A device may say any number that the format allows, and a database
// any at all: a sum that traps would end the process for all, and one that wraps around is wrong. These declarations hide the standard
// library's when scripts/lint-arithmetic.sh checks a module; no build has them. Use a `Count`, `addingClamped` and its like,
// `UInt32(clamping:)`, or, where a comment or a check says why nothing can be lost, `&+`. An `Int` is an index or a count of what is in
// memory, and has its operators; what makes one of a number from outside is here.

extension UInt32 {
    @available(*, deprecated, message: "may trap on a number from outside: addingClamped, or &+ with a reason")
    static func + (left: Self, right: Self) -> Self { left &+ right }

    @available(*, deprecated, message: "may trap on a number from outside: addingClamped, or &+ with a reason")
    static func += (left: inout Self, right: Self) { left = left &+ right }

    @available(*, deprecated, message: "may trap on a number from outside: subtractingClamped, or &- with a reason")
    static func - (left: Self, right: Self) -> Self { left &- right }

    @available(*, deprecated, message: "may trap on a number from outside: subtractingClamped, or &- with a reason")
    static func -= (left: inout Self, right: Self) { left = left &- right }

    @available(*, deprecated, message: "may trap on a number from outside: multipliedClamped, or &* with a reason")
    static func * (left: Self, right: Self) -> Self { left &* right }

    @available(*, deprecated, message: "may trap on a number from outside: multipliedClamped, or &* with a reason")
    static func *= (left: inout Self, right: Self) { left = left &* right }

    @available(*, deprecated, message: "may trap on a number from outside: clamping:, exactly: or truncatingIfNeeded:")
    init(_ number: UInt64) { self.init(truncatingIfNeeded: number) }

    @available(*, deprecated, message: "may trap on a number from outside: clamping:, exactly: or truncatingIfNeeded:")
    init(_ number: Int64) { self.init(truncatingIfNeeded: number) }

    @available(*, deprecated, message: "may trap on a number from outside: clamping:, exactly: or truncatingIfNeeded:")
    init(_ number: Int) { self.init(truncatingIfNeeded: number) }
}

extension UInt64 {
    @available(*, deprecated, message: "may trap on a number from outside: addingClamped, or &+ with a reason")
    static func + (left: Self, right: Self) -> Self { left &+ right }

    @available(*, deprecated, message: "may trap on a number from outside: addingClamped, or &+ with a reason")
    static func += (left: inout Self, right: Self) { left = left &+ right }

    @available(*, deprecated, message: "may trap on a number from outside: subtractingClamped, or &- with a reason")
    static func - (left: Self, right: Self) -> Self { left &- right }

    @available(*, deprecated, message: "may trap on a number from outside: subtractingClamped, or &- with a reason")
    static func -= (left: inout Self, right: Self) { left = left &- right }

    @available(*, deprecated, message: "may trap on a number from outside: multipliedClamped, or &* with a reason")
    static func * (left: Self, right: Self) -> Self { left &* right }

    @available(*, deprecated, message: "may trap on a number from outside: multipliedClamped, or &* with a reason")
    static func *= (left: inout Self, right: Self) { left = left &* right }

    @available(*, deprecated, message: "may trap on a number from outside: clamping:, exactly: or truncatingIfNeeded:")
    init(_ number: Int64) { self.init(truncatingIfNeeded: number) }
}

extension Int64 {
    @available(*, deprecated, message: "may trap on a number from outside: addingClamped, or &+ with a reason")
    static func + (left: Self, right: Self) -> Self { left &+ right }

    @available(*, deprecated, message: "may trap on a number from outside: addingClamped, or &+ with a reason")
    static func += (left: inout Self, right: Self) { left = left &+ right }

    @available(*, deprecated, message: "may trap on a number from outside: subtractingClamped, or &- with a reason")
    static func - (left: Self, right: Self) -> Self { left &- right }

    @available(*, deprecated, message: "may trap on a number from outside: subtractingClamped, or &- with a reason")
    static func -= (left: inout Self, right: Self) { left = left &- right }

    @available(*, deprecated, message: "may trap on a number from outside: multipliedClamped, or &* with a reason")
    static func * (left: Self, right: Self) -> Self { left &* right }

    @available(*, deprecated, message: "may trap on a number from outside: multipliedClamped, or &* with a reason")
    static func *= (left: inout Self, right: Self) { left = left &* right }

    @available(*, deprecated, message: "may trap on a number from outside: clamping:, exactly: or truncatingIfNeeded:")
    init(_ number: UInt64) { self.init(truncatingIfNeeded: number) }
}

extension Int {
    @available(*, deprecated, message: "may trap on a number from outside: clamping:, exactly: or truncatingIfNeeded:")
    init(_ number: UInt64) { self.init(truncatingIfNeeded: number) }
}

@available(*, deprecated, message: "may trap on a number from outside: magnitude")
func abs(_ number: Int64) -> Int64 { Int64(truncatingIfNeeded: number.magnitude) }
