// SPDX-License-Identifier: Apache-2.0
//
// An address in a device's memory. Text in JSON, because numbers there lose precision above 2^53.

public struct Address: Hashable, Sendable, Comparable {
    public var value: UInt64

    public init(_ value: UInt64) { self.value = value }

    public static func < (left: Address, right: Address) -> Bool { left.value < right.value }
}

extension Address: CustomStringConvertible {
    /// Hexadecimal, at least eight digits: `0x20000418`.
    public var description: String {
        String(unsafeUninitializedCapacity: Self.mostCharacters) { buffer in
            var count = 0
            write {
                buffer[count] = $0
                count += 1
            }
            return count
        }
    }

    /// How long ``description`` may be, in ASCII; 10 at least.
    static let mostCharacters = 18

    /// The characters of ``description``.
    func write(_ write: (UInt8) -> Void) {
        write(UInt8(ascii: "0"))
        write(UInt8(ascii: "x"))
        let digits = max(8, (67 - value.leadingZeroBitCount) / 4)
        for digit in (0..<digits).reversed() {
            write(UInt8(truncatingIfNeeded: value >> UInt64(digit * 4) & 15).hexadecimal)
        }
    }

    /// Reads what the schema's pattern allows: `0x` and 8 to 16 lower-case digits. Nil for anything else.
    public init?(_ text: some StringProtocol) {
        let digits = text.utf8.dropFirst(2)
        guard text.utf8.starts(with: "0x".utf8), (8...16).contains(digits.count),
            digits.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }),
            let value = UInt64(String(decoding: digits, as: UTF8.self), radix: 16)
        else { return nil }
        self.value = value
    }
}

extension Address: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let address = Address(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\(text) is not an address like 0x20000418")
        }
        self = address
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
