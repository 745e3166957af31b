// SPDX-License-Identifier: Apache-2.0
//
// HOST:PORT as people write it: 127.0.0.1:7420, fleet.example:7420, [::1]:7420.

public import ArgumentParser

public struct Endpoint: Equatable, Sendable {
    /// A name or an address, without brackets.
    public let host: String
    /// 0 to 65535; where a program listens, 0 is a port of the system's choice.
    public let port: UInt16

    public init(host: String, port: UInt16) {
        (self.host, self.port) = (host, port)
    }

    /// Nil when the text is something else.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let first = text[colon...].dropFirst().first, first.isNumber,
            let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        var host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        // Without brackets nobody knows which colon begins the port.
        guard !host.isEmpty, isBracketed || !host.contains(where: { ":[]".contains($0) }) else { return nil }
        self.init(host: String(host), port: port)
    }
}

extension Endpoint: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }

    public var defaultValueDescription: String { description }
}

extension Endpoint: CustomStringConvertible {
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
