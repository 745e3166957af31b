// SPDX-License-Identifier: Apache-2.0
//
// Bytes a second as people write them: 500000, 64K, 2M.

public import ArgumentParser

public struct ByteRate: Equatable, Sendable {
    private static let units: [(name: Character, bytes: Int)] = [("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)]

    /// Bytes a second: 1 to 2^40.
    public let bytes: Int

    public init(bytes: Int) { self.bytes = bytes }

    /// Nil for anything else, and for what is out of range.
    public init?(_ text: String) {
        let unit = Self.units.first { $0.name == text.last }
        guard text.first?.isNumber == true, let number = Int(unit == nil ? text[...] : text.dropLast()), number > 0,
            number <= (1 << 40) / (unit?.bytes ?? 1)
        else { return nil }
        bytes = number.multipliedReportingOverflow(by: unit?.bytes ?? 1).partialValue
    }
}

extension ByteRate: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }

    public var defaultValueDescription: String {
        let unit = Self.units.first { bytes % $0.bytes == 0 }
        return unit.map { "\(bytes / $0.bytes)\($0.name)" } ?? "\(bytes)"
    }
}
