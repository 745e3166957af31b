// A duration as people type it: 500ms, 30s, 10m, 1h, 2d.

import ArgumentParser

struct Span: Equatable {
    /// Above 0.
    var microseconds: Int64

    private static let units: [(suffix: String, microseconds: Int64)] = [
        ("ms", 1000), ("s", 1_000_000), ("m", 60_000_000), ("h", 3_600_000_000), ("d", 86_400_000_000),
    ]

    init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Nil for anything but digits and one unit, for 0, and for more than Int64 holds.
    init?(_ text: String) {
        guard let unit = Self.units.first(where: { text.hasSuffix($0.suffix) }) else { return nil }
        let digits = text.dropLast(unit.suffix.count)
        guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let count = Int64(digits), count > 0 else {
            return nil
        }
        let (product, overflow) = count.multipliedReportingOverflow(by: unit.microseconds)
        guard !overflow else { return nil }
        microseconds = product
    }

    init(option text: String) throws {
        guard let span = Span(text) else {
            throw ValidationError("'\(text)' is not a duration; write 500ms, 30s, 10m, 1h or 2d.")
        }
        self = span
    }
}
