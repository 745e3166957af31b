// SPDX-License-Identifier: Apache-2.0
//
// HOST:PORT on the command line.

internal import ArgumentParser

struct Endpoint: ExpressibleByArgument, CustomStringConvertible {
    let host: String
    let port: Int

    init(host: String, port: Int) {
        (self.host, self.port) = (host, port)
    }

    /// `127.0.0.1:7420`, `fleet.example:7420` or `[::1]:7420`.
    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), let port = Int(argument[argument.index(after: colon)...]),
            (0...65535).contains(port)
        else { return nil }
        var host = String(argument[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { return nil }
        self.init(host: host, port: port)
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    var defaultValueDescription: String { description }
}

/// PATH[:BAUD] on the command line.
struct SerialPath: ExpressibleByArgument {
    let path: String
    let baud: UInt32

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), let baud = UInt32(argument[argument.index(after: colon)...])
        else {
            guard !argument.isEmpty else { return nil }
            (path, self.baud) = (argument, 115_200)
            return
        }
        (path, self.baud) = (String(argument[..<colon]), baud)
        guard !path.isEmpty else { return nil }
    }
}
