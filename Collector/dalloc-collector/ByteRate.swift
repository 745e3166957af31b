// SPDX-License-Identifier: Apache-2.0
//
// Bytes a second on the command line: 500000, 64K, 2M.

internal import ArgumentParser

struct ByteRate: ExpressibleByArgument, Equatable {
    private static let units: [(name: Character, bytes: Int)] = [("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)]

    let bytes: Int

    init(bytes: Int) { self.bytes = bytes }

    /// From 1 byte to 1 TB a second.
    init?(argument: String) {
        let unit = Self.units.first { $0.name == argument.last }
        guard let number = Int(unit == nil ? argument[...] : argument.dropLast()), number > 0,
            number <= (1 << 40) / (unit?.bytes ?? 1)
        else { return nil }
        bytes = number * (unit?.bytes ?? 1)
    }

    var defaultValueDescription: String {
        let unit = Self.units.first { bytes % $0.bytes == 0 }
        return unit.map { "\(bytes / $0.bytes)\($0.name)" } ?? "\(bytes)"
    }
}
