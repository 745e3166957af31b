// SPDX-License-Identifier: Apache-2.0
//
// How much of the collector one peer may take, on the command line.

internal import CommandSupport
internal import ArgumentParser
internal import DallocCollector

struct LimitOptions: ParsableArguments {
    private static let standard = IngestLimits()
    private static let questions = APILimits()

    @Option(help: ArgumentHelp("TCP connections of devices at a time.", valueName: "count"))
    var maxConnections = standard.connections

    @Option(help: ArgumentHelp("The same, from one address.", valueName: "count"))
    var maxConnectionsPerAddress = standard.connectionsPerAddress

    @Option(
        help: ArgumentHelp(
            "Average bytes a second of one device. A device that sends more is read later; nothing is lost.",
            valueName: "bytes"))
    var deviceRate = ByteRate(bytes: standard.deviceRate)

    @Option(help: ArgumentHelp("Average bytes a second of all devices that share an address.", valueName: "bytes"))
    var addressRate = ByteRate(bytes: standard.addressRate)

    @Option(help: ArgumentHelp("How long a connection may take to greet, before it is closed.", valueName: "time"))
    var greetingTimeout = Interval(seconds: standard.greetingTimeout)

    @Option(
        help: ArgumentHelp(
            """
            How long a TCP connection may be silent, before it is closed. By default devices report every 10 s; in \
            summaries, every minute.
            """,
            valueName: "time"))
    var idleTimeout = Interval(seconds: standard.idleTimeout)

    @Option(
        help: ArgumentHelp(
            "New devices a minute from one address, on average. A thousand may come at once.",
            valueName: "count"))
    var newDevicesPerMinute = standard.newDevicesPerMinute

    @Option(
        help: ArgumentHelp(
            "New boots a minute of one device, on average. Sixty may come at once.",
            valueName: "count"))
    var newBootsPerMinute = standard.newBootsPerMinute

    @Option(
        help: ArgumentHelp(
            "The time in which a working device's clock must go on.", valueName: "time", visibility: .hidden))
    var clockWindow = Interval(seconds: standard.clockWindow)

    @Option(help: ArgumentHelp("Connections to the API at a time.", valueName: "count"))
    var maxAPIConnections = questions.connections

    @Option(
        help: ArgumentHelp(
            "A name under which the API may be asked, beside localhost and where it listens. Repeatable.",
            valueName: "name"))
    var apiHost: [String] = []

    @Option(help: ArgumentHelp("A request to the API must be whole by then.", valueName: "time", visibility: .hidden))
    var apiHeadTimeout = Interval(seconds: questions.headTimeout)

    @Option(help: ArgumentHelp("How long a connection waits for a request.", valueName: "time", visibility: .hidden))
    var apiIdleTimeout = Interval(seconds: questions.idleTimeout)

    @Option(help: ArgumentHelp("How long an answer may go unread.", valueName: "time", visibility: .hidden))
    var apiUnreadTimeout = Interval(seconds: questions.unreadTimeout)

    func validate() throws {
        guard maxConnections > 0, maxConnectionsPerAddress > 0, maxAPIConnections > 0 else {
            throw ValidationError("The limits of connections must be at least 1.")
        }
        guard (1...1_000_000).contains(newBootsPerMinute) else {
            throw ValidationError("--new-boots-per-minute must be from 1 to 1000000.")
        }
        guard (1...1_000_000).contains(newDevicesPerMinute) else {
            throw ValidationError("--new-devices-per-minute must be from 1 to 1000000.")
        }
    }

    var limits: IngestLimits {
        var limits = IngestLimits()
        (limits.connections, limits.connectionsPerAddress) = (maxConnections, maxConnectionsPerAddress)
        (limits.deviceRate, limits.addressRate) = (deviceRate.bytes, addressRate.bytes)
        (limits.greetingTimeout, limits.idleTimeout) = (greetingTimeout.seconds, idleTimeout.seconds)
        limits.newDevicesPerMinute = newDevicesPerMinute
        (limits.newBootsPerMinute, limits.clockWindow) = (newBootsPerMinute, clockWindow.seconds)
        return limits
    }

    var apiLimits: APILimits {
        var limits = APILimits()
        (limits.connections, limits.hosts) = (maxAPIConnections, apiHost)
        (limits.headTimeout, limits.idleTimeout) = (apiHeadTimeout.seconds, apiIdleTimeout.seconds)
        limits.unreadTimeout = apiUnreadTimeout.seconds
        return limits
    }
}
