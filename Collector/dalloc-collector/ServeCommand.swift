// SPDX-License-Identifier: Apache-2.0
//
// `dalloc-collector serve`

internal import CommandSupport
public import ArgumentParser
public import DallocCollector
internal import Foundation
public import Logging

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Records what devices report, and answers questions about it.",
        discussion: """
            Devices connect over TCP, or are listened to on serial lines. A frame is acknowledged when it is on disk.
            GET /metrics at the API gives figures for Prometheus, /metrics/fleet those of all devices; /healthz and /readyz tell whether it
            serves and stores.
            SIGTERM or SIGINT stores what has come and ends with exit code 0. SIGHUP reads certificates and keys again.

            EXAMPLES
              dalloc-collector serve
              dalloc-collector serve --listen-psk '*:7423' --psk-keys keys.txt --database /var/lib/dalloc/fleet.sqlite
              dalloc-collector serve --listen-tls '*:7422' --tls-certificate server.pem --tls-key server.key --tls-client-ca devices.pem
              dalloc-collector serve --listen '[::]:7420' --allow-plaintext --max-connections 2000 --device-rate 64K
              dalloc-collector serve --keep-detail 7d --keep-minutes 90d --keep-hours 10y
              dalloc-collector serve --serial /dev/ttyUSB0:921600 --serial /dev/ttyUSB1
              dalloc-collector serve --api-ingest
            """)

    @Option(
        help: ArgumentHelp(
            "Where devices connect over plain TCP; `*` stands for all addresses, of IPv4 and IPv6.",
            valueName: "host:port"))
    var listen = Endpoint(host: "127.0.0.1", port: 7420)

    @OptionGroup(title: "Security")
    var security: SecurityOptions

    @Option(
        help: ArgumentHelp("Where questions are asked, the HTTP API; `*` as for --listen.", valueName: "host:port"))
    var api = Endpoint(host: "127.0.0.1", port: 7421)

    @Flag(
        help: """
            Take frames over the API, too: POST /v1/ingest. Off unless given, because the API authenticates nobody, and whoever reaches it \
            could then write to the history of any device.
            """)
    var apiIngest = false

    @Option(
        help: ArgumentHelp(
            "A serial line with a device; 115200 baud if not given. Repeatable.", valueName: "path[:baud]"))
    var serial: [SerialEndpoint] = []

    @Flag(help: "End with exit code 66 when a serial line can't be opened at the start, instead of waiting for it.")
    var serialRequired = false

    @Option(help: ArgumentHelp("The history, an SQLite database.", valueName: "path"))
    var database = "dalloc.sqlite"

    @Option(help: ArgumentHelp("How long every operation is kept.", valueName: "time"))
    var keepDetail = Interval(days: 30)

    @Option(help: ArgumentHelp("How long figures by the minute are kept.", valueName: "time"))
    var keepMinutes = Interval(days: 180)

    @Option(help: ArgumentHelp("How long figures by the hour, gaps and silent devices are kept.", valueName: "time"))
    var keepHours = Interval(years: 5)

    @Option(
        help: ArgumentHelp(
            "What an acknowledged frame survives: `power`, a power cut; `process`, only the end of the process.",
            valueName: "power|process"))
    var durability = Durability.power

    @OptionGroup(title: "Limits")
    var limits: LimitOptions

    @Option(help: "How much to log: trace, debug, info, notice, warning, error.")
    var logLevel: Logger.Level = .info

    func run() async throws {
        var logger = Logger(label: "dalloc-collector") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = logLevel
        var configuration = CollectorConfiguration(
            listen: CollectorConfiguration.Endpoint(host: listen.host, port: Int(listen.port)),
            api: CollectorConfiguration.Endpoint(host: api.host, port: Int(api.port)),
            serialLines: serial.map { CollectorConfiguration.SerialPort(path: $0.path, baud: $0.baud) },
            databasePath: database)
        configuration.retention = RetentionPolicy(
            detail: keepDetail.microseconds, minutes: keepMinutes.microseconds, hours: keepHours.microseconds)
        configuration.durability = durability
        configuration.allowsPlaintext = security.allowPlaintext
        configuration.certificateLink = security.certificateLink
        configuration.keyLink = security.keyLink
        configuration.limits = limits.limits
        configuration.serialLinesAreRequired = serialRequired
        configuration.apiLimits = limits.apiLimits
        configuration.apiLimits.takesFrames = apiIngest
        do {
            try await Collector.run(configuration, logger: logger)
        } catch let failure as StartFailure {
            FileHandle.standardError.write(Data("dalloc-collector: \(failure)\n".utf8))
            throw ExitCode(failure.kind.exitCode)
        }
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}

extension Durability: ExpressibleByArgument {}
