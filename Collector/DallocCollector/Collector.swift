// SPDX-License-Identifier: Apache-2.0
//
// The collector as one: it opens the database, binds what it listens on, and runs until it gets a signal.

public import Logging
internal import HeapHistory
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

public enum Collector {
    /// Serves until SIGTERM or SIGINT; then stores what has come, and returns.
    /// - Throws: ``StartFailure``.
    public static func run(_ configuration: CollectorConfiguration, logger: Logger) async throws {
        ProcessLimits.addNoArenas()
        let store: HistoryStore
        do throws(StoreError) {
            store = try HistoryStore(
                path: configuration.databasePath, durability: configuration.durability, logger: logger)
        } catch {
            throw StartFailure(kind: error.isForeign ? .foreignDatabase : .database, description: error.description)
        }
        let configuration = withinDescriptors(configuration, logger)
        let log = PeerLog(logger: logger)
        let registry = DeviceRegistry(log: log, history: store)
        let metrics = IngestMetrics()
        let context = IngestContext(
            history: store, registry: registry, metrics: metrics,
            connections: ConnectionTable(limits: configuration.limits, log: log), log: log)
        let damage = DamageService(store: store)
        var services: [any Service] = [
            ChunkWriterService(chunkWriter: ChunkWriter(store: store), logger: logger),
            LedgerService(store: store),
            WriteAheadLogService(store: store),
            IdleSweep(connections: context.connections, history: store, log: log),
            damage,
            RetentionService(retention: Retention(store: store, policy: configuration.retention), logger: logger),
        ]
        for line in configuration.serialLines {
            do {
                let isRequired = configuration.serialLinesAreRequired
                services.append(
                    try SerialLine(path: line.path, baud: line.baud, isRequired: isRequired, context: context))
            } catch {
                throw StartFailure(kind: .serialLine, description: "\(error)")
            }
        }
        let listener = try await bound(configuration.listen, option: "--listen") {
            try await TCPListener.bind(host: $0.host, port: $0.port, context: context)
        }
        try checkSecrecy(of: listener, configuration, logger)
        services.append(listener)
        var ready: Logger.Metadata = ["listen": "\(listener.localAddress?.hostAndPort ?? "unknown")"]
        var links: [SecureLinks] = []
        for (option, endpoint, source) in secureLinks(configuration) {
            let secured = try Self.links(source)
            let listener = try await bound(endpoint, option: option) {
                try await TCPListener.bind(host: $0.host, port: $0.port, links: secured, context: context)
            }
            services.append(listener)
            links.append(secured)
            ready[secured.name] = "\(listener.localAddress?.hostAndPort ?? "unknown")"
        }
        let reload = Reload(links: links, connections: context.connections, logger: logger)
        let connections = APIConnections(limits: configuration.apiLimits, logger: logger)
        let questions = QuestionRunner(
            query: HistoryQuery(store: store, isConnected: { await registry.isConnected($0) }), connections: connections
        )
        let history = HistoryAPI(questions: questions, registry: registry, log: log)
        let router = history.makeRouter()
        IngestAPI(context: context, limits: configuration.apiLimits).addRoutes(to: router)
        let report = MetricsReport(metrics: metrics, store: store, registry: registry, connections: connections)
        MonitorAPI(
            history: history, metrics: { PrometheusText.render(await report.families()) },
            fleet: { try await FleetReport($0).write($1) }, type: PrometheusText.contentType
        ).addRoutes(to: router)
        // A question doesn't wait for what the loops of a thousand devices are reading.
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .notice)
        let api = try await bound(configuration.api, option: "--api") { [quiet] in
            try await APIServer.bind(
                host: $0.host, port: $0.port, group: loop, router: router, connections: connections, logger: quiet)
        }
        services.append(api)
        // The last service is the first to be told.
        ready["api"] = "\(api.localAddress?.hostAndPort ?? "unknown")"
        ready["database"] = "\(configuration.databasePath)"
        services.append(ShutdownService(pause: store.pause, logger: logger, ready: ready))
        var limits = ServiceGroupConfiguration(services: services, logger: quiet)
        limits.maximumGracefulShutdownDuration = .seconds(ShutdownService.grace)
        let group = ServiceGroup(configuration: limits)
        StopSignals.handle {
            Task { await group.triggerGracefulShutdown() }
        } reload: {
            reload.run()
        }
        do {
            try await group.run()
        } catch is CancellationError {
            logger.warning("connections that did not end in time were cut")
        }
        // Read before the log is emptied: closing may find damage, too.
        let failure = damage.failure
        try store.close()
        try await loop.shutdownGracefully()
        if let failure { throw failure }
        let givenUp = store.pause.givenUp
        guard givenUp == 0 else {
            throw StartFailure(
                kind: .unstored,
                description: "The database took no writes when the collector stopped: \(givenUp) writes were given up. "
                    + "Nothing of them was acknowledged; devices still have it.")
        }
        logger.info("the collector has stopped; everything acknowledged is stored")
    }

    /// Plain TCP is for this machine alone, unless somebody wants it otherwise.
    private static func checkSecrecy(
        of listener: TCPListener, _ configuration: CollectorConfiguration, _ logger: Logger
    ) throws {
        guard let address = listener.localAddress, !address.isLoopback else { return }
        guard configuration.allowsPlaintext else {
            throw StartFailure(
                kind: .security,
                description:
                    "--listen \(configuration.listen.host):\(configuration.listen.port) would take devices from other machines "
                    + "over plain TCP: whoever is on the way could read and change what they report. Let them connect with TLS, to "
                    + "--listen-tls or --listen-psk, or give --allow-plaintext.")
        }
        logger.warning(
            "devices may connect over plain TCP from other machines: whoever is on the way can read and change what they report",
            metadata: ["listen": "\(address.hostAndPort ?? "unknown")"])
    }

    private static func secureLinks(
        _ configuration: CollectorConfiguration
    ) -> [(option: String, endpoint: CollectorConfiguration.Endpoint, source: SecureLinks.Source)] {
        var links: [(String, CollectorConfiguration.Endpoint, SecureLinks.Source)] = []
        if let link = configuration.certificateLink {
            links.append(("--listen-tls", link.listen, .certificates(link.files)))
        }
        if let link = configuration.keyLink { links.append(("--listen-psk", link.listen, .keys(link.keys))) }
        return links
    }

    private static func links(_ source: SecureLinks.Source) throws -> SecureLinks {
        do {
            return try SecureLinks(source)
        } catch {
            throw StartFailure(kind: .security, description: "\(error)")
        }
    }

    private static func bound<Bound>(
        _ endpoint: CollectorConfiguration.Endpoint, option: String,
        _ bind: (CollectorConfiguration.Endpoint) async throws -> Bound
    ) async throws -> Bound {
        do {
            return try await bind(endpoint)
        } catch {
            let cause = (error as? IOError).map { String(describing: $0) } ?? "\(error)"
            throw StartFailure(
                kind: .endpoint,
                description: "\(option) \(endpoint.host):\(endpoint.port) can't be listened on: \(cause). "
                    + "Stop the program that uses it, or choose another address with \(option).")
        }
    }

    /// Limits connections so that descriptors are left for the database, for serial lines, and for short use.
    private static func withinDescriptors(
        _ configuration: CollectorConfiguration, _ logger: Logger
    ) -> CollectorConfiguration {
        var configuration = configuration
        let files = ProcessLimits.raiseDescriptors()
        let others = 64 + configuration.serialLines.count * 2
        let room = max(files - others, 8)
        let (devices, api) = (configuration.limits.connections, configuration.apiLimits.connections)
        guard room < devices + api else { return configuration }
        configuration.apiLimits.connections = min(api, max(room / 4, 4))
        configuration.limits.connections = min(devices, room - configuration.apiLimits.connections)
        logger.warning(
            "the process may open fewer files than connections are allowed: fewer are taken",
            metadata: [
                "files": "\(files)", "connections": "\(configuration.limits.connections)",
                "api": "\(configuration.apiLimits.connections)",
            ])
        return configuration
    }
}
