// SPDX-License-Identifier: Apache-2.0
//
// One answer in every format, and the words for a moment that the collector must resolve.

import Foundation
import HeapHistory
import TestSupport
import Testing

@Suite(.serialized)
struct FormatTests {
    private func ask(_ arguments: [String], _ format: String, _ collector: RunningCollector) async throws
        -> Program.Finished
    {
        let end = try await Program.run(
            "dalloc", arguments + ["--collector", "127.0.0.1:\(collector.apiPort)", "--format", format],
            in: collector.scratch)
        #expect(end.status == 0, "\(arguments) \(format): \(end.errors)")
        return end
    }

    /// The rows of a csv without quotes in it, the header first.
    private func rows(_ text: String) -> [[String]] {
        text.components(separatedBy: "\r\n").dropLast().map { $0.components(separatedBy: ",") }
    }

    @Test func aListIsTheSameInEveryFormat() async throws {
        let collector = try await RunningCollector(Scratch())
        let device = try await BusyDevice.report("pump", to: collector, blocks: 40, frees: 20)
        device.close()
        try await wait(for: "it to be gone") { try await collector.devices().first?.connected == false }
        for (arguments, list) in [
            (["devices"], "devices"), (["history", "pump"], "points"), (["snapshot", "pump"], "entries"),
            (["moves", "pump"], "moves"), (["gaps", "pump"], "gaps"),
        ] {
            // The end of the range stands still.
            let words = arguments + (["history", "moves", "gaps"].contains(arguments[0]) ? ["--since", "boot:1"] : [])
            let json = try await ask(words, "json", collector)
            let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
            let elements = try #require(object[list] as? [[String: Any]])
            #expect(!elements.isEmpty, "\(list)")
            #expect(json.errors.isEmpty, "JSON says all itself: \(json.errors)")

            let lines = try await ask(words, "ndjson", collector)
            let parsed = try lines.output.split(separator: "\n").map {
                try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? NSDictionary)
            }
            #expect(parsed == elements.map { $0 as NSDictionary }, "\(list)")

            let table = rows(try await ask(words, "csv", collector).output)
            #expect(table.count == elements.count + 1, "\(list)")
            #expect(table.allSatisfy { $0.count == table[0].count }, "\(list)")
            for (key, value) in elements[0] where !(value is [Any]) && !(value is [String: Any]) {
                let column = try #require(table[0].firstIndex(of: key), "\(list) has no column \(key)")
                #expect(!table[1][column].isEmpty, "\(list) \(key)")
            }
            let isSaid = lines.errors.contains("no word has come since") || lines.errors.contains("Known until")
            #expect(isSaid == (list != "devices" && list != "gaps"), "\(list): \(lines.errors)")
        }
        #expect(try await collector.stop() == 0)
    }

    @Test func aFleetOfSeveralPagesIsOneList() async throws {
        let collector = try await RunningCollector(
            Scratch(), options: ["--new-devices-per-minute", "100000", "--max-connections-per-address", "3000"])
        var sockets: [Socket] = []
        for number in 0..<1100 {
            let socket = try Socket(connectedTo: collector.port)
            socket.send(WireBytes.hello(device: "d\(number)"))
            sockets.append(socket)
        }
        try await wait(for: "all devices") { try await collector.devices().count == sockets.count }
        let table = rows(try await ask(["devices"], "csv", collector).output)
        #expect(table.count == sockets.count + 1)
        #expect(Set(table.map { $0[0] }).count == sockets.count + 1)
        let lines = try await ask(["devices"], "ndjson", collector).output.split(separator: "\n")
        #expect(lines.count == sockets.count)
        for socket in sockets { socket.close() }
        #expect(try await collector.stop() == 0)
    }

    @Test func anEmptyAnswerIsExplainedAside() async throws {
        let collector = try await RunningCollector(Scratch())
        let csv = try await ask(["devices"], "csv", collector)
        #expect(rows(csv.output).count == 1 && csv.errors.contains("No device has reported"))
        let lines = try await ask(["devices"], "ndjson", collector)
        #expect(lines.output.isEmpty && lines.errors.contains("No device has reported"))
        #expect(try await collector.stop() == 0)
    }

    @Test func aBootNamesAMoment() async throws {
        let collector = try await RunningCollector(Scratch())
        let device = try await BusyDevice.report("pump", to: collector, blocks: 10, frees: 0)
        let boot = try #require(try await collector.devices().first?.boot)
        let name = String(boot, radix: 16)
        let shown = String(repeating: "0", count: 8 - name.count) + name
        for word in ["boot:\(boot)", "boot:\(shown)"] {
            let snapshot = try await collector.snapshot("pump", at: word)
            #expect(snapshot.boot == boot && snapshot.at == snapshot.frameTime)
            let (data, status) = try await collector.get(
                "v1/devices/pump/history?since=\(word)&until=\(word)&points=60")
            #expect(status == 200)
            let history = try HistoryCoding.decoder().decode(UsageHistory.self, from: data)
            #expect(history.since == snapshot.at && !history.points.isEmpty)
        }
        for path in ["history?since=boot:99", "gaps?until=boot:99", "moves?since=boot:99", "snapshot?at=boot:99"] {
            let (data, status) = try await collector.get("v1/devices/pump/\(path)")
            #expect(status == 404, "\(path)")
            let problem = try HistoryCoding.decoder().decode(Problem.self, from: data)
            #expect(problem.message.hasSuffix("of pump has no boot 99.") && problem.hint == "The latest is \(shown).")
        }
        for path in ["history?since=boot:x", "history?step=60000000&points=60", "snapshot?at=boot:1&sequence=1"] {
            #expect(try await collector.get("v1/devices/pump/\(path)").1 == 400, "\(path)")
        }
        let end = try await collector.ask(["gaps", "pump", "--since", "boot:99"])
        #expect(end.status == 66 && end.errors.contains("has no boot 99"), "\(end.errors)")
        device.close()
        #expect(try await collector.stop() == 0)
    }
}
