// SPDX-License-Identifier: Apache-2.0
//
// `/metrics/fleet` of a real collector with real devices: it says what `/v1/devices` says.

import Foundation
import HeapHistory
import TestSupport
import Testing

@Suite(.serialized) struct FleetMetricsTests {
    @Test func itSaysWhatTheListOfDevicesSays() async throws {
        let fleet = try await MonitoredFleet()
        let whileConnected = try await fleet.metrics("/metrics/fleet")
        #expect(whileConnected.all("dalloc_device_connected").map(\.value) == [1, 1, 1, 1, 1])
        try await fleet.stopDevices()
        let devices = try await fleet.collector.devices()
        let answer = try await fleet.metrics("/metrics/fleet")
        #expect(devices.count == 5 && answer.value("dalloc_fleet_devices") == 5)
        #expect(answer.value("dalloc_fleet_devices_left_out") == 0)
        for device in devices {
            let labels = ["device": device.id]
            #expect(answer.value("dalloc_device_boot_id", labels) == Double(device.boot))
            #expect(
                answer.value("dalloc_device_last_seen_timestamp_seconds", labels)
                    == Double(device.lastSeen.microseconds) / 1_000_000)
            #expect(answer.value("dalloc_device_info", labels.merging(["build": device.build]) { $1 }) == 1)
            #expect(answer.all("dalloc_device_info", labels).first?.labels["link"] == "tcp 127.0.0.1")
            #expect(device.heaps.count == 1)
            for heap in device.heaps {
                let labels = ["device": device.id, "heap": heap.name, "build": device.build]
                for (name, figure) in [
                    ("used_bytes", heap.used), ("peak_bytes", heap.peak), ("size_bytes", heap.size),
                    ("blocks", heap.liveBlocks), ("table_entries", heap.tableSize),
                    ("failures_last_hour", heap.failuresLastHour),
                    // The collector has counted since before the first of them.
                    ("failures_total", heap.failuresLastHour),
                ] {
                    #expect(answer.value("dalloc_heap_\(name)", labels) == Double(figure), "\(device.id) \(name)")
                }
            }
        }
        #expect(devices.contains { $0.heaps[0].failuresLastHour > 0 })
        // Another process has counted none of them yet, and knows of the last hour.
        #expect(try await fleet.collector.stop() == 0)
        try await fleet.collector.restart()
        let anew = try await fleet.metrics("/metrics/fleet")
        #expect(anew.all("dalloc_heap_failures_total").allSatisfy { $0.value == 0 })
        #expect(anew.all("dalloc_heap_failures_last_hour") == answer.all("dalloc_heap_failures_last_hour"))
        try await fleet.stop()
    }

    @Test func itAnswersWhatIsAskedForAndSaysWhatItLeavesOut() async throws {
        let fleet = try await MonitoredFleet()
        func ids(_ query: String) async throws -> [String] {
            let answer = try await fleet.metrics("/metrics/fleet?" + query)
            return answer.all("dalloc_device_info").compactMap { $0.labels["device"] }
        }
        #expect(try await ids("device=pump-03") == ["pump-03"])
        #expect(try await ids("prefix=pump-0").count == 5)
        #expect(try await ids("prefix=valve").isEmpty)
        #expect(try await ids("heap=nothing").isEmpty)
        #expect(try await ids("build=nothing").isEmpty)
        #expect(try await ids("failing=true").count >= 2)
        #expect(try await ids("silent=3600000000").isEmpty)
        let set = try await Program.run(
            "dalloc",
            ["label", "pump-02", "site=bonn", "--collector", "http://127.0.0.1:\(fleet.collector.apiPort)"],
            in: fleet.scratch)
        #expect(set.status == 0, "\(set.errors)")
        #expect(try await ids("label=site=bonn") == ["pump-02"])
        let labelled = try await fleet.metrics("/metrics/fleet?label=site")
        #expect(labelled.value("dalloc_device_labels", ["device": "pump-02", "label_site": "bonn"]) == 1)
        var parts: [String] = []
        for part in 1...3 { parts += try await ids("shard=\(part)/3") }
        #expect(parts.sorted() == ["pump-01", "pump-02", "pump-03", "pump-04", "pump-05"])
        let few = try await fleet.metrics("/metrics/fleet?limit=2")
        #expect(few.all("dalloc_heap_used_bytes").map { $0.labels["device"] } == ["pump-01", "pump-02"])
        #expect(few.value("dalloc_fleet_devices") == 5 && few.value("dalloc_fleet_devices_left_out") == 3)
        let fewer = try await fleet.metrics("/metrics/fleet?series=20")
        #expect(fewer.value("dalloc_fleet_devices_left_out") == 4)
        for (query, word) in [
            ("limit=0", "limit"), ("limit=10001", "limit"), ("series=500001", "series"), ("shard=5/4", "shard"),
            ("leaking=true", "leaking"), ("usage=much", "usage"), ("device=%00", "device"),
        ] {
            let refusal = try await fleet.curl("/metrics/fleet?" + query, ["-w", "%{http_code}"])
            #expect(refusal.contains("\"code\":\"bad_request\"") && refusal.hasSuffix("400"), "\(query)")
            #expect(refusal.contains(word), "\(query): \(refusal)")
        }
        let head = try await fleet.curl("/metrics/fleet", ["-I"])
        #expect(head.contains("200 OK") && head.contains("text/plain; version=0.0.4; charset=utf-8"))
        #expect(head.contains("no-store"))
        #expect(try await fleet.curl("/metrics/fleet", ["-i", "-X", "POST"]).contains("405"))
        try await fleet.stop()
    }
}
