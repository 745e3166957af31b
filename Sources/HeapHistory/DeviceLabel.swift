// SPDX-License-Identifier: Apache-2.0
//
// What people say of a device: `site=berlin`.

public struct DeviceLabel: Hashable, Sendable, CustomStringConvertible {
    /// Labels of one device at most.
    public static let most = 32

    public let name: String
    /// Empty: the device has no such label, or shall have none any more. Nil: it has one, whatever it says.
    public let value: String?

    /// A name of 1 to 63 letters, digits, dots, dashes and underscores of ASCII, then `=` and up to 255 bytes without
    /// control characters, or nothing. Nil for anything else.
    public init?(_ text: String) {
        // As scalars: a mark or modifier at the beginning of the value makes one character with the sign.
        let parts = text.unicodeScalars.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            .map { String($0) }
        guard let name = parts.first, (1...63).contains(name.utf8.count), name.utf8.allSatisfy(Self.isAllowed) else {
            return nil
        }
        if parts.count > 1 {
            guard parts[1].utf8.count <= 255,
                !parts[1].unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
            else { return nil }
        }
        self.name = name
        value = parts.count > 1 ? parts[1] : nil
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    public var description: String { value.map { "\(name)=\($0)" } ?? name }

    /// Whether a device with these labels is one that is asked for.
    public func holds(for labels: [String: String]) -> Bool {
        guard let value else { return labels[name] != nil }
        return labels[name, default: ""] == value
    }
}
