// SPDX-License-Identifier: Apache-2.0
//
// Where the collector's HTTP API is, and how its URLs are built.

import CommandSupport
import ArgumentParser
import Foundation

struct CollectorAddress: Equatable, CustomStringConvertible {
    static let variable = "DALLOC_COLLECTOR"
    static let standard = "http://127.0.0.1:7421"
    /// For an address that is a host and nothing else.
    private static let standardPort: UInt16 = 7421

    let isSecure: Bool
    /// A name, or an address without brackets; an IPv6 one may have a zone.
    let host: String
    let port: UInt16
    /// Host and port as a URL and the header `Host` write them; the port is in it when it is not the scheme's own.
    let authority: String
    /// Where the API is served below a path: `/heaps`, no slash at the end.
    private let prefix: String

    /// A URL without a slash at its end.
    var description: String { (isSecure ? "https://" : "http://") + authority + prefix }

    /// The option wins over the environment, which wins over the standard address.
    init(option: String?, environment: [String: String]) throws {
        if let option {
            try self.init(option, from: "--collector")
        } else if let value = environment[Self.variable], !value.isEmpty {
            try self.init(value, from: Self.variable)
        } else {
            try self.init(Self.standard, from: "the default")
        }
    }

    private init(_ text: String, from source: String) throws {
        guard let address = Self(text) else {
            throw ValidationError(
                "\(source) is '\(text.printable)', which is not the address of a collector; write it like "
                    + "\(Self.standard), 10.0.0.7:7421 or [::1]:7421.")
        }
        self = address
    }

    /// `http://HOST:PORT/PREFIX`, or less of it. Nil for anything else.
    private init?(_ text: String) {
        var rest = Substring(text)
        let scheme = text.range(of: "://").map { text[..<$0.lowerBound].lowercased() }
        if let scheme {
            guard ["http", "https"].contains(scheme) else { return nil }
            rest = rest.dropFirst(scheme.count + 3)
        }
        guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && !"?#@<>\"\\^`{|}".utf8.contains($0) }) else {
            return nil
        }
        isSecure = scheme == "https"
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var path = rest[slash...]
        while path.hasSuffix("/") { path.removeLast() }
        guard path.utf8.allSatisfy({ $0 < 0x80 }), let (host, isLiteral, port) = Self.hostAndPort(rest[..<slash]) else {
            return nil
        }
        prefix = String(path)
        self.host = host
        let schemePort: UInt16 = isSecure ? 443 : 80
        self.port = port ?? (scheme == nil ? Self.standardPort : schemePort)
        // A zone means something on this machine only.
        let name = isLiteral ? "[\(host.prefix { $0 != "%" })]" : host
        authority = self.port == schemePort && port == nil ? name : "\(name):\(self.port)"
    }

    private static func hostAndPort(_ text: Substring) -> (host: String, isLiteral: Bool, port: UInt16?)? {
        func number(_ text: Substring) -> UInt16? {
            guard text.utf8.allSatisfy({ (48...57).contains($0) }), let port = UInt16(text), port > 0 else {
                return nil
            }
            return port
        }
        if isIPv6(text) { return (String(text), true, nil) }
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            // RFC 6874 writes the zone's % as %25.
            let literal = String(text[text.index(after: text.startIndex)..<end].replacing("%25", with: "%"))
            let after = text[text.index(after: end)...]
            guard isIPv6(Substring(literal)) else { return nil }
            if after.isEmpty { return (literal, true, nil) }
            guard after.hasPrefix(":"), let port = number(after.dropFirst()) else { return nil }
            return (literal, true, port)
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let host = parts.first, !host.isEmpty, parts.count <= 2,
            !host.contains(where: { "[]%".contains($0) })
        else { return nil }
        if parts.count == 1 { return (String(host), false, nil) }
        guard let port = number(parts[1]) else { return nil }
        return (String(host), false, port)
    }

    private static func isIPv6(_ text: Substring) -> Bool {
        let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first, parts.count == 1 || !parts[1].isEmpty else { return false }
        var bytes = in6_addr()
        return inet_pton(AF_INET6, String(address), &bytes) == 1
    }

    /// `segments` and the parameters that have a value, percent-encoded: what a request asks for below this address.
    func target(_ segments: [String], _ parameters: [(name: String, value: String?)] = []) -> String {
        let query = parameters.compactMap { parameter in
            parameter.value.map { parameter.name + "=" + Self.encoded($0) }
        }
        return prefix + segments.map { "/" + Self.segment($0) }.joined()
            + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
    }

    /// The URL of a target, as libcurl reads it.
    func url(_ target: String) -> String { (isSecure ? "https://" : "http://") + authority + target }

    /// `.` and `..` would lead to another path, so their dots are encoded, too.
    private static func segment(_ text: String) -> String {
        text.allSatisfy { $0 == "." } ? text.replacing(".", with: "%2E") : encoded(text)
    }

    /// Keeps only what RFC 3986 calls unreserved: a `/`, `+` or `#` in an id stays part of the id.
    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let character = Character(Unicode.Scalar(byte))
            if character.isASCII, character.isLetter || character.isNumber || "-._~".contains(character) {
                return String(character)
            }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count < 2 ? "0" : "") + digits
        }.joined()
    }
}
