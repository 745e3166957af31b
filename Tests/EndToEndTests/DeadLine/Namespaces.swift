// SPDX-License-Identifier: Apache-2.0
//
// Two hosts of the test's own, a device's and a collector's, with a cable between them: network namespaces. Nothing
// in them reaches anything else.

import Foundation
import TestSupport

final class Namespaces {
    static let collectorAddress = "10.77.0.2"

    private let scratch: Scratch
    private let device: String
    private let collector: String

    /// Nil, with a reason that is printed, where namespaces can't be made: without root, or in a container without
    /// that right.
    init?(_ scratch: Scratch) async throws {
        self.scratch = scratch
        let name = String(UUID().uuidString.prefix(6))
        (device, collector) = ("dev\(name)", "col\(name)")
        let script = """
            set -e
            ip netns add \(device)
            ip netns add \(collector)
            ip -n \(device) link add wire type veth peer name wire netns \(collector)
            ip -n \(device) addr add 10.77.0.1/30 dev wire
            ip -n \(collector) addr add \(Self.collectorAddress)/30 dev wire
            for host in \(device) \(collector); do ip -n $host link set lo up; ip -n $host link set wire up; done
            """
        let made = try await Program.run("/usr/bin/env", ["bash", "-c", script], in: scratch)
        guard made.status == 0 else {
            print("skipped: no network namespaces here: \(made.errors.trimmingCharacters(in: .newlines))")
            Self.remove([device, collector], scratch)
            return nil
        }
    }

    deinit { Self.remove([device, collector], scratch) }

    func startCollector(_ arguments: [String]) throws -> Program {
        try start("dalloc-collector", arguments, on: collector)
    }

    func startDevice(_ arguments: [String]) throws -> Program { try start("dalloc-simulator", arguments, on: device) }

    /// The collector's plug is pulled or put back. The device is not told.
    func plug(_ isIn: Bool) async throws {
        let end = try await Program.run(
            "/usr/bin/env", ["ip", "-n", collector, "link", "set", "wire", isIn ? "up" : "down"], in: scratch)
        guard end.status == 0 else { throw TimedOut(description: "ip link: \(end.errors)") }
    }

    /// What a TCP connection on the device's host is like: one line for each.
    func connections() async throws -> [Substring] {
        let path = "/proc/net/tcp"
        let end = try await Program.run(
            "/usr/bin/env", ["ip", "netns", "exec", device, "cat", path], in: scratch)
        return end.output.split(separator: "\n").dropFirst().filter { $0.contains(" 01 ") }
    }

    private func start(_ program: String, _ arguments: [String], on host: String) throws -> Program {
        let path = Program.folder.appendingPathComponent(program).path
        return try Program("/usr/bin/env", ["ip", "netns", "exec", host, path] + arguments, in: scratch)
    }

    private static func remove(_ hosts: [String], _ scratch: Scratch) {
        for host in hosts {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["ip", "netns", "del", host]
            process.standardError = FileHandle.nullDevice
            try? process.run()
            process.waitUntilExit()
        }
    }
}
