// How long something is kept, as people write it: 90m, 12h, 30d, 5y.

internal import ArgumentParser

struct KeepTime: ExpressibleByArgument, Equatable {
    var microseconds: Int64

    var defaultValueDescription: String {
        let days = microseconds / 86_400_000_000
        return days >= 1826 ? "5y" : "\(days)d"
    }

    init(days: Int64) { microseconds = days * 86_400_000_000 }

    /// A number from 1 on, and its unit; at most 100 years.
    init?(argument: String) {
        let units: [Character: Int64] = [
            "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000, "y": 31_557_600_000_000,
        ]
        guard let unit = argument.last.flatMap({ units[$0] }), let number = Int64(argument.dropLast()), number > 0,
            number <= 100 * 31_557_600_000_000 / unit
        else { return nil }
        microseconds = number * unit
    }
}
