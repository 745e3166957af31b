// SPDX-License-Identifier: Apache-2.0
//
// A real collector and a fleet that the simulator plays, as Prometheus sees them.

import Foundation
import HeapHistory
import TestSupport
import Testing

struct MonitoredFleet {
    let scratch: Scratch
    let collector: RunningCollector
    private let simulator: Program

    /// Five devices with small heaps: two of them leak until allocations fail.
    init() async throws {
        scratch = try Scratch()
        collector = try await RunningCollector(scratch)
        simulator = try Program(
            "dalloc-simulator",
            [
                "--collector", "127.0.0.1:\(collector.port)", "--devices", "5", "--name", "pump", "--seed", "3",
                "--workload", "leak,steady,churn", "--heap-size", "8192", "--rate", "400", "--frame-interval", "100",
            ], in: scratch)
        try await wait(for: "five devices, two of which fail") {
            let answer = try await metrics("/metrics/fleet")
            return answer.all("dalloc_heap_used_bytes").count == 5
                && answer.all("dalloc_heap_failures_total").count { $0.value > 0 } >= 2
        }
    }

    /// What curl gets.
    func curl(_ path: String, _ options: [String] = []) async throws -> String {
        let url = "http://127.0.0.1:\(collector.apiPort)\(path)"
        let got = try await Program.run("/usr/bin/curl", ["-sS", "-g"] + options + [url], in: scratch)
        try #require(got.status == 0, "\(path): \(got.errors)")
        return got.output
    }

    func metrics(_ path: String) async throws -> PrometheusAnswer { try PrometheusAnswer(await curl(path)) }

    /// The devices leave. All that they have told is stored.
    func stopDevices() async throws {
        simulator.signal(SIGTERM)
        #expect(try await simulator.finish().status == 0)
        try await wait(for: "all to be offline") {
            try await metrics("/metrics/fleet").all("dalloc_device_connected").allSatisfy { $0.value == 0 }
        }
    }

    func stop() async throws {
        simulator.signal(SIGTERM)
        _ = try await simulator.finish()
        #expect(try await collector.stop() == 0)
    }
}
