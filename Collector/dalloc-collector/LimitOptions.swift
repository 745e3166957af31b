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

    @Option(help: ArgumentHelp("Of them, from one address.", valueName: "count"))
    var maxConnectionsPerAddress = standard.connectionsPerAddress

    @Option(
        help: ArgumentHelp(
            "Bytes a second of one device, in the long run; one that sends more waits, and nothing is lost.",
            valueName: "bytes"))
    var deviceRate = ByteRate(bytes: standard.deviceRate)

    @Option(help: ArgumentHelp("Bytes a second of all devices that share an address.", valueName: "bytes"))
    var addressRate = ByteRate(bytes: standard.addressRate)

    @Option(help: ArgumentHelp("A connection that has not greeted by then is closed.", valueName: "time"))
    var greetingTimeout = Interval(seconds: standard.greetingTimeout)

    @Option(
        help: ArgumentHelp(
            "A TCP connection of which nothing was heard for so long is closed; devices report every 10 s unless told otherwise.",
            valueName: "time"))
    var idleTimeout = Interval(seconds: standard.idleTimeout)

    @Option(
        help: ArgumentHelp(
            "Devices that the database does not know, from one address in the long run; a thousand may come at once.",
            valueName: "count"))
    var newDevicesPerMinute = standard.newDevicesPerMinute

    @Option(
        help: ArgumentHelp(
            "Boots that the database does not know, of one device in the long run; sixty may come at once.",
            valueName: "count"))
    var newBootsPerMinute = standard.newBootsPerMinute

    @Option(
        help: ArgumentHelp(
            "In how long a device's clock must go on while it works.", valueName: "time", visibility: .hidden))
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
