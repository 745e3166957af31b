// SPDX-License-Identifier: Apache-2.0
//
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

    /// The years that have four digits: what ISO 8601 can say without agreement, and what ``init(_:)`` accepts.
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

extension Int64 {
    func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
