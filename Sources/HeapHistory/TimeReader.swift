// SPDX-License-Identifier: Apache-2.0
//
// The parts of a written time, from left to right. Each method takes its part from the text, or says nil.

struct TimeReader {
    private var rest: Substring.UTF8View

    init(_ text: some StringProtocol) { rest = Substring(text).utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ sign: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: sign) else { return false }
        rest.removeFirst()
        return true
    }

    /// `2026-11-23`, as days since 1970-01-01.
    mutating func daysSinceEpoch() -> Int64? {
        guard let year = number(digits: 4), skip("-"), let month = number(digits: 2), skip("-"),
            let day = number(digits: 2)
        else { return nil }
        return CivilDate(year: year, month: month, day: day)?.daysSinceEpoch
    }

    /// `03:12`, `03:12:07` or `03:12:07.250`, in microseconds.
    mutating func timeOfDay() -> Int64? {
        guard let hour = number(digits: 2), hour < 24, skip(":"), let minute = number(digits: 2), minute < 60 else {
            return nil
        }
        let minutes = (hour * 60 + minute) * 60_000_000
        guard skip(":") else { return minutes }
        guard let second = number(digits: 2), second < 60, let fraction = decimals() else { return nil }
        return minutes + second * 1_000_000 + fraction
    }

    /// What is east of UTC, in microseconds: `Z`, `+01:00`, `-0330`, `+01`; 0 when nothing of the kind follows.
    mutating func offset() -> Int64? {
        if skip("Z") || skip("z") || isAtEnd { return 0 }
        _ = skip(" ")
        let isEast = skip("+")
        guard isEast || skip("-"), let hours = number(digits: 2), hours < 24 else { return nil }
        var minutes: Int64 = 0
        let hasColon = skip(":")
        if hasColon || !isAtEnd {
            guard let number = number(digits: 2), number < 60 else { return nil }
            minutes = number
        }
        return (isEast ? 1 : -1) * (hours * 60 + minutes) * 60_000_000
    }

    /// A point or comma and one to nine digits, as whole microseconds; 0 when neither follows.
    mutating func decimals() -> Int64? {
        guard skip(".") || skip(",") else { return 0 }
        let digits = rest.prefix { Self.isDigit($0) }
        guard (1...9).contains(digits.count) else { return nil }
        rest = rest.dropFirst(digits.count)
        var value: Int64 = 0
        for place in 0..<6 {
            value = value * 10 + (digits.dropFirst(place).first.map { Int64($0 - UInt8(ascii: "0")) } ?? 0)
        }
        return value
    }

    /// Exactly `count` digits, at most 18.
    mutating func number(digits count: Int) -> Int64? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ Self.isDigit($0) }) else { return nil }
        rest = rest.dropFirst(count)
        return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    /// As many digits as there are: one to 18.
    mutating func number() -> Int64? {
        let count = rest.prefix { Self.isDigit($0) }.count
        return (1...18).contains(count) ? number(digits: count) : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
