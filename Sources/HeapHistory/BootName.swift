// SPDX-License-Identifier: Apache-2.0
//
// A boot as people and programs name it: eight hexadecimal digits, as tables show it, or the number that JSON has.

public struct BootName: Hashable, Sendable, CustomStringConvertible {
    /// What stands before the name where a time could stand: `boot:8f3a01c2`.
    public static let prefix = "boot:"

    public let description: String

    /// One to ten hexadecimal digits. Nil for anything else.
    public init?(_ text: some StringProtocol) {
        guard (1...10).contains(text.utf8.count), text.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            !Self.ids(text).isEmpty
        else { return nil }
        description = text.lowercased()
    }

    /// Reads `boot:8f3a01c2`.
    public init?(bound text: some StringProtocol) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        self.init(text.dropFirst(Self.prefix.count))
    }

    /// The boot ids that it may mean, the likelier first: what tables show before what JSON has.
    public var ids: [UInt32] { Self.ids(description) }

    private static func ids(_ text: some StringProtocol) -> [UInt32] {
        let shown = text.utf8.count == 8 ? UInt32(text, radix: 16) : nil
        return [shown, UInt32(text)].compactMap { $0 }
    }
}
