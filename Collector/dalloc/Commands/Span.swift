// SPDX-License-Identifier: Apache-2.0
//
// A duration as people type it: 500ms, 30s, 10m, 1h30m, 2d, 1w.

import ArgumentParser
import HeapHistory

struct Span: Equatable {
    /// Above 0.
    var microseconds: Int64

    private static let units: [Substring: Int64] = [
        "ms": 1000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000, "w": 604_800_000_000,
    ]

    init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Digits and a unit, and again with smaller and smaller units. Nil for anything else, for 0, and for more than
    /// Int64 holds.
    init?(_ text: String) {
        var (total, unitBefore): (Int64, Int64) = (0, .max)
        var rest = Substring(text)
        repeat {
            let digits = rest.prefix { ("0"..."9").contains($0) }
            let name = rest.dropFirst(digits.count).prefix { ("a"..."z").contains($0) }
            guard let count = Int64(digits), let unit = Self.units[name], unit < unitBefore else { return nil }
            total = total.addingClamped(count.multipliedClamped(by: unit))
            rest = rest.dropFirst(digits.count + name.count)
            unitBefore = unit
        } while !rest.isEmpty
        guard total > 0, total < .max else { return nil }
        microseconds = total
    }

    init(option text: String) throws {
        guard let span = Span(text) else {
            throw ValidationError("'\(text)' is not a duration; write 500ms, 30s, 10m, 1h30m, 2d or 1w.")
        }
        self = span
    }
}
