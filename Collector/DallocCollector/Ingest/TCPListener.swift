// SPDX-License-Identifier: Apache-2.0
//
// Accepts devices over TCP.

internal import Glibc
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

struct TCPListener: Service {
    typealias ServerChannel = NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never>

    private let context: IngestContext
    private let server: ServerChannel

    /// The address that it listens on, with the port that the system chose where 0 was asked for.
    var localAddress: SocketAddress? { server.channel.localAddress }

    private init(context: IngestContext, server: ServerChannel) {
        (self.context, self.server) = (context, server)
    }

    /// - Parameter host: a name or an address; `*` for all addresses, of IPv4 and IPv6.
    static func bind(host: String, port: Int, context: IngestContext) async throws -> TCPListener {
        // Milliseconds, in what the system takes for a number.
        let silence = Int(min(context.connections.limits.idleTimeout, 1_000_000)) * 1000
        let server = try await WildcardHost.bind(host) {
            bootstrap(silence: silence)
        } _: { bootstrap, host in
            try await bootstrap.bind(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        }
        return TCPListener(context: context, server: server)
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

    private func serve(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async {
        let channel = connection.channel
        let remote = channel.remoteAddress
        // A peer that has gone again already has neither.
        let (peer, address) = (remote?.hostAndPort ?? "unknown", remote?.host ?? "unknown")
        let line = Line(
            peer: "tcp " + peer, address: address, channel: channel, hasPeerLeft: remote == nil)
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
