// SPDX-License-Identifier: Apache-2.0
//
// The text that monitoring gets of the fleet.

import HeapHistory
import NIOCore
import TestSupport
import Testing

@testable import DallocCollector

struct FleetReportTests {
    private func heap(_ number: Int = 0, _ name: String = "main", sequence: Int = 7) -> HeapSummary {
        HeapSummary(
            heap: number, name: name, baseAddress: Address(0), size: 4096, alignment: 4, tableSize: 32, used: 100,
            liveBlocks: 3, peak: 200, failuresLastHour: 5, sequence: sequence)
    }

    private func device(
        _ heaps: [HeapSummary], _ id: String = "pump", build: String = "1.0", link: String = "tcp 10.0.0.7:50122"
    ) -> DeviceSummary {
        DeviceSummary(
            id: id, build: build, boot: 0x8F3A_01C2, link: link, connected: true, firstSeen: .now,
            lastSeen: Timestamp(microseconds: 1_700_000_000_250_000), heaps: heaps)
    }

    private func pieces(_ devices: [DeviceSummary], failures: Int = 0, leftOut: Int = 0) async throws -> [String] {
        let figures = FleetFigures(
            devices: devices.map {
                FleetDevice(KnownDevice(summary: $0, failures: $0.heaps.map { _ in failures }))
            }, leftOut: leftOut)
        var pieces: [String] = []
        try await FleetReport(figures).write { pieces.append(String(buffer: $0)) }
        return pieces
    }

    private func answer(_ devices: [DeviceSummary]) async throws -> PrometheusAnswer {
        try PrometheusAnswer(try await pieces(devices).joined())
    }

    @Test func everyFigureIsThereUnderItsName() async throws {
        var full = heap()
        (full.recorderMost, full.recorderSize) = (96, 128)
        var device = device([full])
        device.labels = ["site": "berlin"]
        device.warnings = [DeviceWarning(.idConflict, "Two."), DeviceWarning(.clockStands, "It stands.")]
        let text = try await pieces([device], failures: 9, leftOut: 3).joined()
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        let main = #"{device="pump",heap="main",build="1.0"}"#
        #expect(
            lines == [
                "dalloc_fleet_devices 4", "dalloc_fleet_devices_left_out 3",
                "dalloc_heap_used_bytes\(main) 100", "dalloc_heap_peak_bytes\(main) 200",
                "dalloc_heap_size_bytes\(main) 4096", "dalloc_heap_blocks\(main) 3",
                "dalloc_heap_table_entries\(main) 32", "dalloc_heap_failures_total\(main) 9",
                "dalloc_heap_failures_last_hour\(main) 5", "dalloc_heap_recorder_used_ratio\(main) 0.75",
                #"dalloc_device_info{device="pump",build="1.0",link="tcp 10.0.0.7"} 1"#,
                #"dalloc_device_labels{device="pump",label_site="berlin"} 1"#,
                #"dalloc_device_boot_id{device="pump"} 2402943426"#, #"dalloc_device_connected{device="pump"} 1"#,
                #"dalloc_device_last_seen_timestamp_seconds{device="pump"} 1700000000.25"#,
                #"dalloc_device_warning{device="pump",code="clock_stands"} 1"#,
                #"dalloc_device_warning{device="pump",code="id_conflict"} 1"#,
            ])
        // As many as are counted for a limit, beside the two of the fleet.
        let known = FleetDevice(KnownDevice(summary: device, failures: [9]))
        #expect(lines.count - 2 == known.mostSeries)
        let answer = try PrometheusAnswer(text)
        for (name, kind) in answer.kinds {
            #expect(kind == (name.hasSuffix("_total") ? "counter" : "gauge"), "\(name)")
            #expect(name.hasPrefix("dalloc_"), "\(name)")
        }
    }

    @Test func whatNobodyKnowsIsAbsentAndNotZero() async throws {
        var (silent, endless) = (heap(0, "silent", sequence: 0), heap(1, "endless"))
        (silent.used, silent.peak, silent.liveBlocks, endless.size) = (0, 0, 0, 0)
        let answer = try await answer([device([silent, endless])])
        for name in ["dalloc_heap_used_bytes", "dalloc_heap_peak_bytes", "dalloc_heap_blocks"] {
            #expect(answer.all(name).map { $0.labels["heap"] } == ["endless"], "\(name)")
        }
        #expect(answer.all("dalloc_heap_size_bytes").map { $0.labels["heap"] } == ["silent"])
        #expect(answer.all("dalloc_heap_failures_total").count == 2)
        #expect(answer.all("dalloc_heap_recorder_used_ratio").isEmpty)
        #expect(answer.all("dalloc_device_warning").isEmpty && answer.all("dalloc_device_labels").isEmpty)
        // Of a fleet without devices, all names are there, so that dashboards find them.
        let none = try await self.answer([])
        #expect(none.value("dalloc_fleet_devices") == 0 && none.samples.count == 2 && none.kinds.count == 16)
        var odd = heap()
        (odd.recorderMost, odd.recorderSize) = (1, 0)
        #expect(try await self.answer([device([odd])]).all("dalloc_heap_recorder_used_ratio").isEmpty)
    }

    @Test func hostileWordsStayInTheirLabels() async throws {
        let words = [
            #"a"b"#, #"a\"#, "a\nb", "a\r\nb 1", "} 1\n# TYPE x counter\nx 1", "\u{1F600}\u{301}", "\u{202E}", #"\n"#,
            #"x",heap="y"#, "\u{0}", "\"\u{301}",
        ]
        for word in words {
            var heap = heap(0, word)
            heap.sequence = 1
            var device = device([heap], word, build: word, link: word)
            device.labels = ["a": word]
            let answer = try await answer([device])
            let used = try #require(answer.all("dalloc_heap_used_bytes").first)
            #expect(answer.all("dalloc_heap_used_bytes").count == 1 && answer.kinds.count == 16, "\(word)")
            for label in ["device", "heap", "build"] {
                #expect(used.labels[label].map { Array($0.utf8) } == Array(word.utf8), "\(label): \(word)")
            }
            #expect(answer.value("dalloc_device_labels", ["device": word, "label_a": word]) == 1, "\(word)")
        }
    }

    @Test func aConnectionMakesNoSeriesOfItsOwn() async throws {
        for (link, shown) in [
            ("tcp 10.0.0.7:50122", "tcp 10.0.0.7"), ("tcp [::1]:50122", "tcp [::1]"),
            ("http 10.0.0.7:1", "http 10.0.0.7"), ("serial /dev/ttyUSB0", "serial /dev/ttyUSB0"),
            ("serial /dev/serial/by-path/pci:0", "serial /dev/serial/by-path/pci:0"), ("tcp test", "tcp test"),
            ("tcp unix:", "tcp unix:"), ("", ""),
        ] {
            let answer = try await answer([device([], link: link)])
            #expect(answer.all("dalloc_device_info").map { $0.labels["link"] } == [shown], "\(link)")
        }
    }

    @Test func labelsOfPeopleGetNamesThatPrometheusTakes() async throws {
        var device = device([])
        device.labels = ["a.b": "1", "a-b": "2", "a_b": "3", "a_b_2": "4", "7": "5", "device": "6"]
        let answer = try await answer([device])
        #expect(
            answer.all("dalloc_device_labels").map(\.labels) == [
                [
                    "device": "pump", "label_7": "5", "label_a_b": "2", "label_a_b_2": "1", "label_a_b_3": "3",
                    "label_a_b_2_2": "4", "label_device": "6",
                ]
            ])
    }

    @Test func aLongAnswerComesInPieces() async throws {
        let devices = (0..<2000).map { device([heap(), heap(1, "net")], "device-\($0)") }
        let pieces = try await pieces(devices)
        #expect(pieces.count > 20 && pieces.allSatisfy { $0.utf8.count < 70_000 })
        let answer = try PrometheusAnswer(pieces.joined())
        #expect(answer.all("dalloc_heap_used_bytes").count == 4000)
        #expect(answer.all("dalloc_device_connected").count == 2000)
        // What it takes in memory meanwhile is counted.
        let figures = FleetFigures(
            devices: devices.map { FleetDevice(KnownDevice(summary: $0, failures: [0, 0])) })
        #expect((1_000_000...10_000_000).contains(figures.bytes), "\(figures.bytes)")
    }
}
