// SPDX-License-Identifier: Apache-2.0
//
// The pre-shared keys of devices: a text file with a line `DEVICE:KEY` for each, the key in hexadecimal digits. `#` begins a comment.

internal import Foundation
internal import NIOSSL

struct KeyFile: Sendable {
    /// Bytes of a key: an attacker tries all shorter ones, and no TLS library takes longer ones.
    static let lengths = 16...64

    private let keys: [String: NIOSSLSecureBytes]

    var count: Int { keys.count }
    var identities: Set<String> { Set(keys.keys) }

    func key(of identity: String) -> NIOSSLSecureBytes? { keys[identity] }

    /// - Throws: ``SecurityFileError``.
    init(path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SecurityFileError(path: path, cause: "it can't be read")
        }
        if let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let mode = attributes[.posixPermissions] as? NSNumber, mode.intValue & 0o077 != 0
        {
            throw SecurityFileError(
                path: path, cause: "others than its owner can read or change it: `chmod 600` takes that from them")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw SecurityFileError(path: path, cause: "it is not UTF-8")
        }
        do {
            try self.init(text)
        } catch {
            throw SecurityFileError(path: path, cause: error.description)
        }
    }

    /// What is wrong with a line. It does not repeat the line: there may be a key in it.
    struct BadLine: Error, CustomStringConvertible {
        let number: Int
        let cause: String

        var description: String { "line \(number) \(cause)" }
    }

    init(_ text: String) throws(BadLine) {
        var keys: [String: NIOSSLSecureBytes] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            let number = index + 1
            // A device's id may have colons.
            guard let colon = line.lastIndex(of: ":"), colon > line.startIndex else {
                throw BadLine(number: number, cause: "is not DEVICE:KEY")
            }
            let (identity, digits) = (String(line[..<colon]), line[line.index(after: colon)...])
            guard let bytes = Self.bytes(of: digits) else {
                throw BadLine(number: number, cause: "has a key that is not an even number of hexadecimal digits")
            }
            guard Self.lengths.contains(bytes.count) else {
                throw BadLine(
                    number: number,
                    cause: "has a key of \(bytes.count) bytes; it takes \(Self.lengths.lowerBound) to "
                        + "\(Self.lengths.upperBound)")
            }
            guard keys[identity] == nil else { throw BadLine(number: number, cause: "has a device that came before") }
            var key = NIOSSLSecureBytes()
            key.append(bytes)
            keys[identity] = key
        }
        self.keys = keys
    }

    private static func bytes(of digits: Substring) -> [UInt8]? {
        let values = digits.compactMap(\.hexDigitValue)
        guard values.count == digits.count, values.count % 2 == 0, digits.allSatisfy(\.isASCII) else { return nil }
        return stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
    }
}
