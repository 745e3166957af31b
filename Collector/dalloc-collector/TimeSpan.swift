// SPDX-License-Identifier: Apache-2.0
//
// A time on the command line, as people write it: 30s, 90m, 12h, 30d, 5y.

internal import ArgumentParser

struct TimeSpan: ExpressibleByArgument, Equatable {
    private static let units: [(name: Character, seconds: Int64)] = [
        ("y", 31_557_600), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1),
    ]

    let seconds: Int64

    var microseconds: Int64 { seconds * 1_000_000 }

    init(seconds: Int64) { self.seconds = seconds }
    init(days: Int64) { seconds = days * 86_400 }
    init(years: Int64) { seconds = years * 31_557_600 }

    /// A number from 1 on, and its unit; at most 100 years.
    init?(argument: String) {
        guard let unit = Self.units.first(where: { $0.name == argument.last }), let number = Int64(argument.dropLast()),
            number > 0, number <= 100 * 31_557_600 / unit.seconds
        else { return nil }
        seconds = number * unit.seconds
    }

    /// In the largest unit that leaves no rest.
    var defaultValueDescription: String {
        let unit = Self.units.first { seconds % $0.seconds == 0 } ?? ("s", 1)
        return "\(seconds / unit.seconds)\(unit.name)"
    }
}
