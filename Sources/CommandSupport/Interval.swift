// SPDX-License-Identifier: Apache-2.0
//
// A length of time as people write it, the same in all programs: 500ms, 30s, 10m, 1h30m, 2d, 1w, 5y.

public import ArgumentParser
internal import HeapHistory

public struct Interval: Equatable, Sendable {
    /// 1 or more.
    public let microseconds: Int64

    /// Ascending. A year is 365.25 days.
    private static let units: [(name: Substring, microseconds: Int64)] = [
        ("ms", 1000), ("s", 1_000_000), ("m", 60_000_000), ("h", 3_600_000_000), ("d", 86_400_000_000),
        ("w", 604_800_000_000), ("y", 31_557_600_000_000),
    ]

    /// - Parameter microseconds: 1 or more.
    public init(microseconds: Int64) {
        assert(microseconds > 0)
        self.microseconds = microseconds
    }

    public init(seconds: Int64) { self.init(microseconds: seconds.multipliedClamped(by: 1_000_000)) }
    public init(days: Int64) { self.init(microseconds: days.multipliedClamped(by: 86_400_000_000)) }
    public init(years: Int64) { self.init(microseconds: years.multipliedClamped(by: 31_557_600_000_000)) }

    /// Digits and a unit, and again with smaller and smaller units. Nil for anything else, for 0, and for more than
    /// Int64 holds.
    public init?(_ text: String) {
        var (total, unitBefore): (Int64, Int64) = (0, .max)
        var rest = Substring(text)
        repeat {
            let digits = rest.prefix { ("0"..."9").contains($0) }
            let name = rest.dropFirst(digits.count).prefix { ("a"..."z").contains($0) }
            guard let count = Int64(digits), let unit = Self.units.first(where: { $0.name == name })?.microseconds,
                unit < unitBefore
            else { return nil }
            total = total.addingClamped(count.multipliedClamped(by: unit))
            rest = rest.dropFirst(digits.count + name.count)
            unitBefore = unit
        } while !rest.isEmpty
        guard total > 0, total < .max else { return nil }
        microseconds = total
    }

    /// For an option that tells in a sentence what is wrong.
    public init(option text: String) throws {
        guard let interval = Interval(text) else {
            throw ValidationError("'\(text)' is not a duration; write 500ms, 30s, 10m, 1h30m, 2d or 1w.")
        }
        self = interval
    }

    /// The same, for those who count without a sign.
    public var unsignedMicroseconds: UInt64 { UInt64(clamping: microseconds) }

    /// Whole seconds; what is beyond them is left out.
    public var seconds: Int64 { microseconds / 1_000_000 }
}

extension Interval: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }

    public var defaultValueDescription: String { description }
}

extension Interval: CustomStringConvertible {
    /// In the largest unit that leaves no rest; weeks are written as days.
    public var description: String {
        let unit = Self.units.last { microseconds % $0.microseconds == 0 && $0.name != "w" }
        return unit.map { "\(microseconds / $0.microseconds)\($0.name)" } ?? "\(microseconds)us"
    }
}
