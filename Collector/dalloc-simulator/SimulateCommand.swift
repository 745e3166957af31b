// SPDX-License-Identifier: Apache-2.0
//
// dalloc-simulator devices: a fleet in one process. Each device is a real heap with a real agent and a link of its own.

import CommandSupport
import ArgumentParser
import CPOSIXLink
import POSIXLink

struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices",
        abstract: "Simulate devices with real heaps and real agents (the default).",
        discussion: """
            For the same seed, options and duration every device does the same at the same time of its clock, and the truth \
            file is the same.

            EXAMPLES
              dalloc-simulator --collector 127.0.0.1:7420 --devices 9 --workload steady,churn,leak --duration 1m
              dalloc-simulator --pty /tmp/device --rate 50
            """)

    @Option(help: ArgumentHelp("Reach the collector over TCP.", valueName: "host:port"))
    var collector: Endpoint?

    @Option(help: ArgumentHelp("Reach it over a serial line (115200 baud unless given).", valueName: "path[:baud]"))
    var serial: SerialEndpoint?

    @Option(
        help: ArgumentHelp(
            "Make a pseudo-terminal; the collector opens its other side, to which LINK points.", valueName: "link"))
    var pty: String?

    @Option(help: "How many devices. A line carries one.")
    var devices = 1

    @Option(help: "What device ids start with: sim-01, sim-02, …")
    var name = "sim"

    @Option(help: "The firmware build that devices report.")
    var build = "simulated"

    @Option(help: ArgumentHelp("Bytes of each heap.", valueName: "bytes"))
    var heapSize: UInt32 = 65536

    @Option(help: ArgumentHelp("steady, churn, burst or leak; several in a list are given in turn.", valueName: "list"))
    var workload = WorkloadList(workloads: [.steady])

    @Option(help: "Decides everything that devices do.")
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Operations a second, for each device.", valueName: "ops"))
    var rate = 200

    @Option(help: ArgumentHelp("How long: 500ms, 20s, 5m, 1h. Without it, until Ctrl-C.", valueName: "time"))
    var duration: Interval?

    @Option(help: ArgumentHelp("Operations are sent this often.", valueName: "milliseconds"))
    var frameInterval: UInt32 = 1000

    @Option(
        help: ArgumentHelp(
            "A device that was asked for summaries (`dalloc detail`) sends one this often.", valueName: "milliseconds"))
    var summaryInterval: UInt32 = 60_000

    @Option(
        help: ArgumentHelp(
            "The longest wait of a device whose connections end soon, a minute by default.", valueName: "milliseconds"))
    var retryLimit: UInt32?

    @Option(help: ArgumentHelp("Frames wait here for the collector, in each device.", valueName: "bytes"))
    var transmitBuffer: UInt32 = 262_144

    @Option(help: ArgumentHelp("The boot id of every device, instead of one at random.", valueName: "number"))
    var boot: UInt32?

    @Option(
        help: ArgumentHelp(
            "What every device's clock shows at the start: more than in the last run, where a boot id is used again.",
            valueName: "milliseconds"))
    var clock: UInt32 = 0

    @Option(
        help: ArgumentHelp("Write what each heap holds at each frame, one JSON object a line.", valueName: "file"))
    var truth: String?

    func validate() throws {
        guard collector?.port != 0 else { throw ValidationError("--collector needs the port of a collector, not 0.") }
        let links = [collector != nil, serial != nil, pty != nil].filter { $0 }.count
        guard links == 1 else {
            throw ValidationError("Give one of --collector HOST:PORT, --serial PATH[:BAUD] and --pty LINK.")
        }
        guard (1...100_000).contains(devices) else { throw ValidationError("--devices must be between 1 and 100000.") }
        guard devices == 1 || collector != nil else {
            throw ValidationError("A line carries one device: leave out --devices, or use --collector.")
        }
        guard (1...63 - idWidth).contains(name.utf8.count) else {
            throw ValidationError("--name must have 1 to \(63 - idWidth) bytes: a device id has at most 64.")
        }
        guard build.utf8.count <= 64 else { throw ValidationError("--build must have at most 64 bytes.") }
        guard (256...0x1000_0000).contains(heapSize) else {
            throw ValidationError("--heap-size must be between 256 and 268435456 bytes.")
        }
        guard (1...1_000_000).contains(rate) else { throw ValidationError("--rate must be between 1 and 1000000.") }
        guard (1...3_600_000).contains(frameInterval) else {
            throw ValidationError("--frame-interval must be between 1 and 3600000 milliseconds.")
        }
        guard (1...3_600_000).contains(summaryInterval) else {
            throw ValidationError("--summary-interval must be between 1 and 3600000 milliseconds.")
        }
        guard (1024...0x4000_0000).contains(transmitBuffer) else {
            throw ValidationError("--transmit-buffer must be between 1024 and 1073741824 bytes.")
        }
        if let serial, !dalloc_posix_is_baud(serial.baud) {
            throw ValidationError("\(serial.baud) baud is not a speed of serial lines; use 115200, say.")
        }
    }

    func run() throws {
        do {
            try simulate()
        } catch let failure as Failure {
            complain(failure.description)
            throw ExitCode(failure.code)
        }
    }

    private func simulate() throws {
        silenceAllocator()
        let line = try pty.map { try PseudoTerminal(linkedFrom: $0) }
        defer { line?.remove() }
        let truthFile = try truth.map { try TruthFile(path: $0) }
        allowManyDescriptors()
        var fleet = SimulatedFleet(duration: duration?.unsignedMicroseconds, truth: truthFile)
        for index in 0..<devices { fleet.add(try Device(specification(of: index, over: link(line)), index: index)) }
        try fleet.run()
    }

    private var idWidth: Int { max(2, String(devices).utf8.count) }

    private func link(_ line: PseudoTerminal?) -> DeviceSpecification.Line {
        if let collector { return .tcp(collector) }
        if let serial { return .serial(serial) }
        return .descriptor(line?.master ?? -1)
    }

    private func specification(of index: Int, over line: DeviceSpecification.Line) -> DeviceSpecification {
        let number = String(index + 1)
        return DeviceSpecification(
            id: name + "-" + String(repeating: "0", count: idWidth - number.utf8.count) + number,
            build: build,
            boot: boot ?? dalloc_posix_random(),
            line: line,
            heapSize: heapSize,
            transmitSize: transmitBuffer,
            frameInterval: frameInterval, summaryInterval: summaryInterval,
            workload: workload.workloads[index % workload.workloads.count],
            seed: seed &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15,
            rate: rate, retryLimit: retryLimit ?? 0, clock: clock)
    }
}
