// SPDX-License-Identifier: Apache-2.0
//
// An address as people read it.

internal import NIOCore

extension SocketAddress {
    /// The IP address without the port; of an IPv4 peer on a socket for both, its IPv4 address (RFC 4291, 2.5.5.2).
    var host: String? {
        let mapped = "::ffff:"
        guard let host = ipAddress, host.hasPrefix(mapped), host.contains(".") else { return ipAddress }
        return String(host.dropFirst(mapped.count))
    }

    /// It is of this machine itself.
    var isLoopback: Bool {
        guard let address = ipAddress else { return false }
        return address == "::1" || address.hasPrefix("127.") || address.lowercased().hasPrefix("::ffff:127.")
    }

    /// `HOST:PORT`, with an IPv6 address in brackets.
    var hostAndPort: String? {
        guard let host, let port else { return nil }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
