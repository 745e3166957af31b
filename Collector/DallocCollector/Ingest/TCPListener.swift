// SPDX-License-Identifier: Apache-2.0
//
// Accepts devices over TCP, with TLS or without.

internal import Glibc
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

struct TCPListener: Service {
    private struct Connection: Sendable {
        let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        /// Where there is TLS.
        let handshake: Handshake?
    }

    private let context: IngestContext
    private let server: NIOAsyncChannel<Connection, Never>
    private let links: SecureLinks?

    /// The address that it listens on, with the port that the system chose where 0 was asked for.
    var localAddress: SocketAddress? { server.channel.localAddress }

    private init(context: IngestContext, server: NIOAsyncChannel<Connection, Never>, links: SecureLinks?) {
        (self.context, self.server, self.links) = (context, server, links)
    }

    /// - Parameters:
    ///   - host: a name or an address; `*` for all addresses, of IPv4 and IPv6.
    ///   - links: makes connections secure; nil for plain ones.
    static func bind(
        host: String, port: Int, links: SecureLinks? = nil, context: IngestContext
    ) async throws -> TCPListener {
        // Milliseconds, in what the system takes for a number.
        let silence = Int(min(context.connections.limits.idleTimeout, 1_000_000)) * 1000
        let server = try await WildcardHost.bind(host) {
            bootstrap(silence: silence)
        } _: { bootstrap, host in
            try await bootstrap.bind(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handshake = try links.map { try secure(channel, by: $0, context) }
                    return Connection(
                        channel: try NIOAsyncChannel(wrappingChannelSynchronously: channel), handshake: handshake)
                }
            }
        }
        return TCPListener(context: context, server: server, links: links)
    }

    private static func secure(
        _ channel: any Channel, by links: SecureLinks, _ context: IngestContext
    ) throws -> Handshake {
        let handshake = Handshake()
        let (remote, name) = (channel.remoteAddress, links.name)
        try links.secure(channel, handshake) { failure in
            context.metrics.failedHandshakes.add(failure)
            // A peer that says nothing is a probe.
            guard failure != .abandoned else { return }
            context.log.note(
                .warning, "there is no secure connection", kind: "handshake: \(failure.rawValue)",
                address: remote?.host ?? "unknown",
                [
                    "peer": "\(name) \(remote?.hostAndPort ?? "unknown")", "reason": "\(failure.words)",
                    "identity": "\(handshake.claimed ?? "")",
                ])
        }
        return handshake
    }

    /// - Parameter silence: milliseconds after which a peer is given up that takes nothing.
    private static func bootstrap(silence: Int) -> ServerBootstrap {
        ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptGuard())
                }
            }
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            // A device that lost its power is found out in two minutes.
            .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPIDLE)), value: 60)
            .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPINTVL)), value: 15)
            .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPCNT)), value: 4)
            // A device that takes no acknowledgements is given up, too.
            .childChannelOption(.tcpOption(.init(rawValue: TCP_USER_TIMEOUT)), value: silence)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // Few devices send more at a time; for those that do, it grows.
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 256, maximum: 65_536)
            )
    }

    func run() async throws {
        try await withThrowingDiscardingTaskGroup { connections in
            try await server.executeThenClose { inbound in
                for try await connection in inbound.cancelOnGracefulShutdown() {
                    // Below the priority of questions: these get threads of their own, and don't queue with the work of a fleet.
                    connections.addTask(priority: .utility) { await serve(connection) }
                }
            }
        }
    }

    private func serve(_ accepted: Connection) async {
        let (connection, channel) = (accepted.channel, accepted.channel.channel)
        let remote = channel.remoteAddress
        // A peer that has gone again already has neither.
        let (peer, address) = (remote?.hostAndPort ?? "unknown", remote?.host ?? "unknown")
        let line = Line(
            peer: "\(links?.name ?? "tcp") \(peer)", address: address, channel: channel, hasPeerLeft: remote == nil,
            handshake: accepted.handshake)
        do {
            try await connection.executeThenClose { inbound, _ in
                if let refusal = context.connections.admit(line) {
                    context.metrics.refusedConnections.add(refusal)
                    return
                }
                defer { context.connections.remove(line) }
                var device = await DeviceConnection(context: context, line: line, isPatient: false)
                await withGracefulShutdownHandler {
                    await device.serve(inbound)
                } onGracefulShutdown: {
                    line.close(.shutdown)
                }
            }
        } catch {
            // The peer went first; what it sent is stored.
            context.log.debug("a connection was not closed cleanly", ["peer": "\(peer)"])
        }
    }
}
