// SPDX-License-Identifier: Apache-2.0
//
// The names by which the API may be asked. A web page can make its own name mean 127.0.0.1 (DNS rebinding), and could then
// read the fleet. Its requests carry that name.

internal import NIOCore

struct HostNames: Sendable {
    private let names: Set<String>
    /// An address of this machine is allowed: no page can have such a name.
    private let takesAddresses: Bool

    /// - Parameters:
    ///   - bound: where the API listens, as it was written.
    ///   - others: names that were allowed beside it.
    init(bound: String, others: [String]) {
        names = Set((others + [bound, "localhost"]).map(Self.plain))
        takesAddresses = !Self.isLoopback(bound) && Self.plain(bound) != "localhost"
    }

    /// - Parameter host: of a `Host` header, with or without a port.
    func allows(_ host: some StringProtocol) -> Bool {
        let name = Self.plain(Self.withoutPort(String(host)))
        return names.contains(name) || Self.isLoopback(name) || takesAddresses && Self.isAddress(name)
    }

    static func isLoopback(_ address: String) -> Bool {
        (try? SocketAddress(ipAddress: plain(address), port: 0))?.isLoopback ?? false
    }

    private static func isAddress(_ name: String) -> Bool {
        (try? SocketAddress(ipAddress: name, port: 0)) != nil
    }

    /// `fleet.example:7421`, `[::1]:7421`
    private static func withoutPort(_ host: String) -> String {
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") { return String(host[...end]) }
        guard let colon = host.lastIndex(of: ":"), host[host.index(after: colon)...].allSatisfy(\.isNumber) else {
            return host
        }
        return String(host[..<colon])
    }

    private static func plain(_ name: String) -> String {
        var name = name.lowercased()
        if name.hasPrefix("["), name.hasSuffix("]") { name = String(name.dropFirst().dropLast()) }
        if name.hasSuffix("."), name.count > 1 { name.removeLast() }
        return name
    }
}
