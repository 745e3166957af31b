// SPDX-License-Identifier: Apache-2.0
//
// `*` as a host to listen on: all addresses, of IPv4 and IPv6. The device port and the API treat it alike.

internal import Glibc
internal import NIOCore
internal import NIOPosix

enum WildcardHost {
    /// Binds to `host`, a name or an address, or to everything when it is `*`.
    /// - Parameters:
    ///   - bootstrap: makes a new one for each attempt.
    ///   - bind: binds it to the host that it gets.
    static func bind<Bound>(
        _ host: String, _ bootstrap: () -> ServerBootstrap,
        _ bind: (ServerBootstrap, String) async throws -> Bound
    ) async throws -> Bound {
        guard host == "*" else { return try await bind(bootstrap(), host) }
        do {
            // An IPv6 address takes IPv4 connections as well, whatever the system's default is.
            let dual = bootstrap().serverChannelOption(
                ChannelOptions.Types.SocketOption(level: .ipv6, name: .ipv6_v6only), value: 0)
            return try await bind(dual, "::")
        } catch let error as IOError where [EAFNOSUPPORT, EADDRNOTAVAIL].contains(error.errnoCode) {
            // No IPv6 on this machine.
            return try await bind(bootstrap(), "0.0.0.0")
        }
    }
}
