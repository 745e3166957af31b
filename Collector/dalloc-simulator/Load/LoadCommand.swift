// SPDX-License-Identifier: Apache-2.0
//
// dalloc-simulator load: thousands of connections that send recorded streams of real devices, to see what a collector can take.

import CommandSupport
import ArgumentParser
import CPOSIXLink
import Glibc
import POSIXLink

struct LoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Send recorded streams of real devices over thousands of connections.",
        discussion: """
            A few real heaps work for a while first, and what their agents send is recorded. Then each connection sends one of \
            these recordings as a device of its own, at the rate given or as fast as it is acknowledged. Times that the collector \
            then tells are those of the recording: with another rate, they pass faster or slower than they should.

            Prints one JSON object when it is done; progress goes to stderr.

            EXAMPLES
              dalloc-simulator load --collector 127.0.0.1:7420 --connections 1000 --rate 200000 --duration 1m
            """)

    @Option(help: ArgumentHelp("The collector.", valueName: "host:port"))
    var collector: Endpoint

    @Option(help: "How many devices.")
    var connections = 1000

    @Option(
        help: ArgumentHelp(
            "Operations a second, of all together. Without it, as many as are acknowledged.", valueName: "ops"))
    var rate: Int?

    @Option(help: ArgumentHelp("How long to send.", valueName: "time"))
    var duration = Interval(microseconds: 10_000_000)

    @Option(help: ArgumentHelp("What the recorded devices do: steady, churn, burst or leak.", valueName: "kind"))
    var workload = Workload.steady

    @Option(help: ArgumentHelp("Operations a second that the recorded devices did.", valueName: "ops"))
    var recordedRate = 1000

    @Option(help: ArgumentHelp("Operations are sent this often in the recordings.", valueName: "milliseconds"))
    var frameInterval: UInt32 = 1000

    @Option(help: "Frames in a recording; after the last, a device begins another boot.")
    var frames = 2000

    @Option(help: "How many different recordings.")
    var streams = 16

    @Option(help: "What device ids start with: load-1, load-2, …")
    var name = "load"

    @Option(help: ArgumentHelp("Bytes of each heap.", valueName: "bytes"))
    var heapSize: UInt32 = 65536

    @Flag(help: "Wait for no answers: for a listener that only reads. What is sent counts as acknowledged.")
    var blind = false

    @Option(help: "Decides everything that the recorded devices do.")
    var seed: UInt64 = 1

    func validate() throws {
        guard collector.port > 0 else { throw ValidationError("--collector needs the port of a collector, not 0.") }
        guard (1...100_000).contains(connections) else {
            throw ValidationError("--connections must be between 1 and 100000.")
        }
        guard (1...1000).contains(streams) else { throw ValidationError("--streams must be between 1 and 1000.") }
        guard (2...1_000_000).contains(frames) else { throw ValidationError("--frames must be between 2 and 1000000.") }
        guard (1...1_000_000).contains(recordedRate) else {
            throw ValidationError("--recorded-rate must be between 1 and 1000000.")
        }
        guard rate.map({ $0 > 0 }) ?? true else { throw ValidationError("--rate must be 1 or more.") }
        guard (1...40).contains(name.utf8.count) else { throw ValidationError("--name must have 1 to 40 bytes.") }
    }

    func run() throws {
        do {
            try load()
        } catch let failure as Failure {
            complain(failure.description)
            throw ExitCode(failure.code)
        }
    }

    private func load() throws {
        silenceAllocator()
        allowManyDescriptors()
        let recorded = try (0..<min(streams, connections)).map { try record($0) }
        let perFrame = recorded.reduce(0.0) { $0 + Double($1.operations[$1.count - 1]) / Double($1.count) }
        let pace = rate.map { Double($0) / Double(connections) / (perFrame / Double(recorded.count)) }
        let boot = dalloc_posix_random()
        let all = (0..<connections).map { index in
            LoadConnection(
                device: "\(name)-\(index + 1)", boot: boot, stream: recorded[index % recorded.count], isBlind: blind)
        }
        var run = try LoadRun(all, to: SocketAddress(collector), pace: pace, duration: duration.unsignedMicroseconds)
        let result = try run.run { result in
            complain(
                "\(Int(result.seconds)) s, \(result.connections) of \(connections) connected, \(result.operations) operations"
            )
        }
        print(result.json)
    }

    private func record(_ index: Int) throws -> PreparedStream {
        let specification = DeviceSpecification(
            id: "recorded", build: "load", boot: 1, line: .descriptor(-1), heapSize: heapSize, transmitSize: 65_536,
            frameInterval: frameInterval, workload: workload, seed: seed &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15,
            rate: recordedRate)
        return try PreparedStream(recording: specification, frames: frames)
    }
}

extension LoadRun.Result {
    /// Keys in the order in which people read them.
    fileprivate var json: String {
        func milliseconds(_ microseconds: UInt64) -> String { "\(Double(microseconds) / 1000)" }
        let fields = [
            ("connections", "\(connections)"), ("seconds", "\(seconds)"), ("operations", "\(operations)"),
            ("frames", "\(frames)"), ("bytes", "\(bytes)"),
            ("ops_per_second", "\(seconds > 0 ? Int(Double(operations) / seconds) : 0)"),
            ("ack_p50_ms", milliseconds(latencies.quantile(0.5))),
            ("ack_p99_ms", milliseconds(latencies.quantile(0.99))), ("ack_max_ms", milliseconds(latencies.longest)),
            ("reconnects", "\(reconnects)"), ("lost_frames", "\(lostFrames)"),
        ]
        return "{" + fields.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
    }
}
