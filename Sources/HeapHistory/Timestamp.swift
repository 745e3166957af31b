// A moment in UTC, in whole microseconds: what the database stores and the API prints, without a floating-point
// date in between.

import Foundation

public struct Timestamp: Hashable, Sendable, Comparable {
    /// Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX time).
    public var microseconds: Int64

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The moment of the call, from the system's clock.
    public static var now: Timestamp {
        Timestamp(microseconds: Int64((Date().timeIntervalSince1970 * 1_000_000).rounded(.down)))
    }

    /// 0 ..< 86,400,000,000, before 1970 as well.
    public var microsecondsSinceMidnight: Int64 {
        microseconds.flooredDivision(by: 86_400_000_000).remainder
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// The years that have four digits: what ISO 8601 can say without agreement, and what parsing accepts.
    static let limits: ClosedRange<Int64> = -62_167_219_200_000_000...253_402_300_799_999_999
}

extension Timestamp: CustomStringConvertible {
    /// ISO 8601 in UTC with six decimals: `2026-11-23T03:12:00.000000Z`.
    public var description: String {
        String(unsafeUninitializedCapacity: Self.characters) { buffer in
            var count = 0
            write {
                buffer[count] = $0
                count += 1
            }
            return count
        }
    }

    /// How long ``description`` is, in ASCII.
    static let characters = 27

    /// The characters of ``description``.
    func write(_ write: (UInt8) -> Void) {
        let clamped = min(max(microseconds, Self.limits.lowerBound), Self.limits.upperBound)
        let (days, inDay) = clamped.flooredDivision(by: 86_400_000_000)
        let date = CivilDate(daysSinceEpoch: days)
        let seconds = inDay / 1_000_000
        func part(_ value: Int64, _ digits: Int, _ separator: Unicode.Scalar) {
            value.magnitude.writeDigits(atLeast: digits, write)
            write(UInt8(ascii: separator))
        }
        part(date.year, 4, "-")
        part(date.month, 2, "-")
        part(date.day, 2, "T")
        part(seconds / 3600, 2, ":")
        part(seconds / 60 % 60, 2, ":")
        part(seconds % 60, 2, ".")
        part(inDay % 1_000_000, 6, "Z")
    }

    /// Reads ISO 8601 in UTC: a date, optionally with `T` or a space and a time, which may have seconds, one to six
    /// decimals and a `Z` at its end. Nil for anything else, other time zones and leap seconds included.
    public init?(_ text: some StringProtocol) {
        var reader = DigitReader(text)
        guard let year = reader.number(digits: 4), reader.skip("-"),
            let month = reader.number(digits: 2), reader.skip("-"),
            let day = reader.number(digits: 2), let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        var inDay: Int64 = 0
        if !reader.isAtEnd {
            guard reader.skip("T") || reader.skip(" "),
                let hour = reader.number(digits: 2), hour < 24, reader.skip(":"),
                let minute = reader.number(digits: 2), minute < 60
            else { return nil }
            inDay = (hour * 60 + minute) * 60_000_000
            if reader.skip(":") {
                guard let second = reader.number(digits: 2), second < 60 else { return nil }
                inDay += second * 1_000_000
                if reader.skip(".") {
                    guard let fraction = reader.fraction(digits: 6) else { return nil }
                    inDay += fraction
                }
            }
            _ = reader.skip("Z")
            guard reader.isAtEnd else { return nil }
        }
        self.init(microseconds: date.daysSinceEpoch * 86_400_000_000 + inDay)
    }
}

extension Timestamp: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Timestamp(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\(text) is not a time like 2026-11-23T03:12:00.000000Z")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Digits and separators of an ISO 8601 text, from left to right.
private struct DigitReader {
    private var rest: Substring

    init(_ text: some StringProtocol) { rest = Substring(text) }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ separator: Character) -> Bool {
        guard rest.first == separator else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(digits: Int) -> Int64? {
        let text = rest.prefix(digits)
        guard text.utf8.count == digits, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        rest.removeFirst(digits)
        return Int64(text)
    }

    /// One to `digits` decimals, scaled to exactly `digits`.
    mutating func fraction(digits: Int) -> Int64? {
        let text = rest.prefix { $0.isASCII && $0.isNumber }
        guard (1...digits).contains(text.count), var value = Int64(text) else { return nil }
        rest.removeFirst(text.count)
        for _ in text.count..<digits { value *= 10 }
        return value
    }
}

extension Int64 {
    func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
