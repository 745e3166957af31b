// SPDX-License-Identifier: Apache-2.0
//
// Serves the API over HTTP/1.1. Connections are bounded in number and in what they may wait for.

internal import Foundation
internal import Glibc
internal import HTTPTypes
internal import HeapHistory
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import ServiceLifecycle

struct APIServer: Service {
    private let server: NIOAsyncChannel<HTTP1Channel.Value, Never>
    private let http: HTTP1Channel
    private let connections: APIConnections
    private let logger: Logger

    /// The address that it listens on, with the port that the system chose where 0 was asked for.
    var localAddress: SocketAddress? { server.channel.localAddress }

    /// - Parameter host: a name or an address; `*` for all addresses, of IPv4 and IPv6.
    static func bind(
        host: String, port: Int, group: any EventLoopGroup, router: Router<APIContext>, connections: APIConnections,
        logger: Logger
    ) async throws -> APIServer {
        let responder = router.buildResponder()
        let http = HTTP1Channel(
            responder: { request, writer, channel in
                let context = APIContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
                var response = try await responder.respond(to: request, context: context)
                response.headers[.date] = date()
                response.headers[.server] = "dalloc-collector"
                try await writer.write(response: response.head, body: response.body)
            })
        let names = HostNames(bound: host, others: connections.limits.hosts)
        let server = try await WildcardHost.bind(host) {
            bootstrap(group)
        } _: { bootstrap, host in
            try await bootstrap.bind(host: host, port: port, serverBackPressureStrategy: nil) { channel in
                prepare(channel, http, connections, names, logger)
            }
        }
        return APIServer(server: server, http: http, connections: connections, logger: logger)
    }

    private static func bootstrap(_ group: any EventLoopGroup) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptGuard())
                }
            }
            // A client may close its side when it has asked.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
    }

    private static func prepare(
        _ channel: any Channel, _ http: HTTP1Channel, _ connections: APIConnections, _ names: HostNames,
        _ logger: Logger
    ) -> EventLoopFuture<HTTP1Channel.Value> {
        guard let connection = connections.enter(channel) else {
            channel.close(promise: nil)
            return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
        }
        let (line, limits) = (LineGuard(connection), connections.limits)
        do {
            try channel.pipeline.syncOperations.addHandler(line)
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
        let loopBound = NIOLoopBound(line, eventLoop: channel.eventLoop)
        return http.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let operations = channel.pipeline.syncOperations
            let decoder = try operations.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try operations.addHandler(
                RequestGuard(loopBound.value, names: names, limits: limits), position: .after(decoder))
            return value
        }
    }

    func run() async throws {
        try await withThrowingDiscardingTaskGroup { tasks in
            tasks.addTask { await sweep() }
            try await server.executeThenClose { inbound in
                for try await connection in inbound.cancelOnGracefulShutdown() {
                    tasks.addTask { await serve(connection) }
                }
            }
            // Those that wait for a request are closed, the others when they have their answer.
            for connection in connections.all {
                connection.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
            }
        }
    }

    private func serve(_ connection: HTTP1Channel.Value) async {
        await http.handle(value: connection, logger: logger)
    }

    /// Ends what waits too long.
    private func sweep() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(250))
                let now = NIODeadline.now()
                for connection in connections.all {
                    if connection.hasLeft(at: now) { connection.leave() }
                    if let end = connection.end(at: now, connections.limits) { close(connection, end) }
                }
            }
        }
    }

    private func close(_ connection: APIConnection, _ end: APIMetrics.Cut) {
        let channel = connection.channel
        connections.metrics.cut.add(end)
        guard end == .slowRequest else { return channel.close(promise: nil) }
        channel.eventLoop.execute {
            guard let line = try? channel.pipeline.syncOperations.handler(type: LineGuard.self) else { return }
            line.refuse(
                .badRequest, "408 Request Timeout", "The request did not come to its end in time.",
                hint: "Send it whole.")
        }
    }

    /// After RFC 9110, section 5.6.7.
    private static func date() -> String {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        return String(unsafeUninitializedCapacity: 40) { buffer in
            buffer.withMemoryRebound(to: CChar.self) {
                strftime($0.baseAddress, $0.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            }
        }
    }
}
