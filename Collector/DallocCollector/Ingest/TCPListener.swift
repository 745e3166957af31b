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

    static func bind(host: String, port: Int, context: IngestContext) async throws -> TCPListener {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
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
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // Few devices send more at a time; those that do get more.
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 256, maximum: 65_536)
            )
            .bind(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return TCPListener(context: context, server: server)
    }

    func run() async throws {
        try await withThrowingDiscardingTaskGroup { connections in
            try await server.executeThenClose { inbound in
                for try await connection in inbound.cancelOnGracefulShutdown() {
                    // Below the questions that are asked: these have threads of their own then, and don't wait in one line with a fleet.
                    connections.addTask(priority: .utility) { await serve(connection) }
                }
            }
        }
    }

    private func serve(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async {
        let channel = connection.channel
        let peer = "tcp " + words(for: channel.remoteAddress)
        let line = Line(peer: peer, address: channel.remoteAddress?.ipAddress ?? "unknown", channel: channel)
        do {
            try await connection.executeThenClose { inbound, _ in
                if let refusal = context.lines.admit(line) {
                    context.metrics.refusedConnections.add(refusal)
                    return
                }
                defer { context.lines.remove(line) }
                var device = await DeviceConnection(context: context, line: line, isPatient: false)
                await withGracefulShutdownHandler {
                    await device.serve(inbound)
                } onGracefulShutdown: {
                    line.close(.shutdown)
                }
            }
        } catch {
            // The peer went first; what it sent is stored.
            context.logger.debug("a connection was not closed cleanly", metadata: ["peer": "\(peer)"])
        }
    }

    private func words(for address: SocketAddress?) -> String {
        guard let address, let host = address.ipAddress, let port = address.port else { return "unknown" }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
