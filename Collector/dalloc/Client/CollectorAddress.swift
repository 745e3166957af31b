// Where the collector's HTTP API is, and how its URLs are built.

import ArgumentParser
import Foundation

struct CollectorAddress: Equatable, CustomStringConvertible {
    static let variable = "DALLOC_COLLECTOR"
    static let standard = "http://127.0.0.1:7421"

    /// Scheme, host and port, and a path prefix where the API is served below one; no slash at the end.
    let description: String

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
        var url = text.contains("://") ? text : "http://" + text
        while url.hasSuffix("/") { url.removeLast() }
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), parts.host?.isEmpty == false,
            parts.query == nil, parts.fragment == nil, (1...65_535).contains(parts.port ?? 80)
        else {
            throw ValidationError(
                "\(source) is '\(text)', which is not the address of a collector; write it like \(Self.standard).")
        }
        description = url
    }

    /// `segments` and the parameters that have a value, percent-encoded, below this address.
    func url(_ segments: [String], _ parameters: [(name: String, value: String?)] = []) throws -> URL {
        var text = description
        for segment in segments { text += "/" + Self.encoded(segment) }
        let query = parameters.compactMap { parameter in
            parameter.value.map { parameter.name + "=" + Self.encoded($0) }
        }
        if !query.isEmpty { text += "?" + query.joined(separator: "&") }
        guard let url = URL(string: text) else {
            throw CommandFailure(
                status: .unexpected, cause: "\(text) could not be made a URL",
                wayOut: "check --collector and the device's id")
        }
        return url
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
