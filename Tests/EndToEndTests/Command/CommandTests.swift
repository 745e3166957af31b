// SPDX-License-Identifier: Apache-2.0
//
// The command against what is no collector, or an evil one, and against a real one in the corners of its options.

import Foundation
import HeapHistory
import TestSupport
import Testing

@Suite(.serialized)
struct CommandTests {
    /// Seconds of the processor that a run of the command took, besides how it ended.
    private func timed(_ arguments: [String], in scratch: Scratch) async throws -> (Program.Finished, seconds: Double) {
        let command = Program.folder.appendingPathComponent("dalloc").path
        let end = try await Program.run(
            "/usr/bin/env", ["bash", "-c", "TIMEFORMAT='%U %S'; time \"$@\"", "bash", command] + arguments, in: scratch)
        let times = end.errors.split(separator: "\n").last?.split(separator: " ").compactMap { Double($0) } ?? []
        try #require(times.count == 2, "\(end.errors)")
        return (end, times[0] + times[1])
    }

    @Test func waitingCostsNoTimeOfTheProcessor() async throws {
        let scratch = try Scratch()
        let silent = try FakeCollector(answer: nil)
        let half = try FakeCollector(first: Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".utf8), answer: nil)
        let collector = try await RunningCollector(scratch)
        for address in [
            "127.0.0.1:\(silent.port)", "https://127.0.0.1:\(silent.port)", "127.0.0.1:\(half.port)",
            // A collector's port for devices.
            "127.0.0.1:\(collector.port)",
        ] {
            let (end, seconds) = try await timed(["devices", "--timeout", "5", "--collector", address], in: scratch)
            #expect(end.status == 69, "\(address): \(end.errors)")
            #expect(end.errors.contains("within 5 s"), "\(address): \(end.errors)")
            // With URLSession it was 4 s.
            #expect(seconds < 1, "\(address)")
        }
        #expect(try await collector.stop() == 0)
    }

    @Test func whatIsNoHTTPIsSaidAtOnce() async throws {
        let scratch = try Scratch()
        for first: [UInt8] in [[0x05, 0x01, 0x00, 0x7F], Array("SSH-2.0-OpenSSH_9.2\r\n".utf8), [0x16, 0x03, 0x01]] {
            let server = try FakeCollector(first: first, answer: nil)
            let (end, seconds) = try await timed(
                ["devices", "--timeout", "60", "--collector", "127.0.0.1:\(server.port)"], in: scratch)
            #expect(end.status == 76, "\(end.errors)")
            #expect(seconds < 1)
        }
        let server = try FakeCollector(first: Array("220 mail\r\n".utf8), answer: nil)
        let collector = try await RunningCollector(scratch)
        for port in [server.port, collector.apiPort] {
            let (end, _) = try await timed(["devices", "--collector", "https://127.0.0.1:\(port)"], in: scratch)
            #expect(end.status == 76 && end.errors.contains("speaks no TLS"), "\(end.errors)")
        }
        #expect(try await collector.stop() == 0)
    }

    @Test func aProxyIsAskedForTheWholeAddress() async throws {
        let scratch = try Scratch()
        let proxy = try FakeCollector(json: #"{"devices":[]}"#)
        let end = try await Program.run(
            "dalloc", ["devices", "--collector", "http://fleet.invalid:7421", "--format", "json"], in: scratch,
            environment: ["http_proxy": "http://127.0.0.1:\(proxy.port)", "no_proxy": ""])
        #expect(end.status == 0, "\(end.errors)")
        #expect(proxy.questions.first?.hasPrefix("GET http://fleet.invalid:7421/v1/devices?limit=1000 ") == true)
    }

    /// Numbers that a device can bring about, and those that only a broken server sends: none of them ends the command
    /// by a signal.
    @Test(arguments: [
        "0", "-1", "4294967296", "9007199254740993", "4611686018427387903", "9223372036854775807",
        "-9223372036854775808", "9223372036854775808", "1e400", "1.5", "null", #""x""#,
    ])
    func noNumberEndsTheCommand(_ number: String) async throws {
        let scratch = try Scratch()
        let times = ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"]
        for (subcommand, json) in EvilAnswers.all(number, times) {
            let server = try FakeCollector(json: json)
            for format in ["table", "json", "csv", "ndjson"] {
                let end = try await Program.run(
                    "dalloc",
                    subcommand + ["--format", format, "--color", "always", "--collector", "127.0.0.1:\(server.port)"],
                    in: scratch, environment: ["LC_ALL": "C"])
                #expect(end.status == 0 || end.status == 76, "\(subcommand) \(json): \(end.status) \(end.errors)")
            }
        }
    }

    @Test func everyIdCanBeAskedFor() async throws {
        let scratch = try Scratch()
        let collector = try await RunningCollector(scratch)
        let ids = [".", "..", "...", "/", "../x", "a/b", "%00", "a%2Fb", "温度", "a b?#&+"]
        var sockets: [Socket] = []
        for id in ids {
            let socket = try Socket(connectedTo: collector.port)
            socket.send(WireBytes.hello(device: id) + WireBytes.keyframe(sequence: 1))
            sockets.append(socket)
        }
        try await wait(for: "all devices") {
            try await collector.devices().filter { $0.heaps.first?.sequence == 1 }.count == ids.count
        }
        for id in ids {
            let snapshot = try await collector.snapshot(id, at: "#1")
            #expect(snapshot.device == id)
            let moves = try await collector.ask(["gaps", id])
            #expect(moves.status == 0, "\(id): \(moves.errors)")
        }
        for id in ["", "a\u{1B}[2J", "a\nb"] {
            let end = try await collector.ask(["snapshot", id])
            #expect(end.status == 64, "\(id.debugDescription): \(end.errors)")
        }
        for socket in sockets { socket.close() }
        #expect(try await collector.stop() == 0)
    }

    @Test func theAPIReadsTheTimesThatTheCommandReads() async throws {
        let collector = try await RunningCollector(Scratch())
        let socket = try Socket(connectedTo: collector.port)
        socket.send(WireBytes.hello(device: "a") + WireBytes.keyframe(sequence: 1))
        try await wait(for: "the device") { try await collector.devices().first?.heaps.first?.sequence == 1 }
        for time in [
            "2026-11-23T04:12:00%2B01:00", "2026-11-23t03:12:00.000000000z", "2026-11-23%2003:12:00%2B0000",
            "2026-11-23T03:12:00,000-00:00",
        ] {
            let (data, status) = try await collector.get("v1/devices/a/gaps?since=2026-11-22&until=\(time)")
            #expect(status == 200, "\(time)")
            let list = try HistoryCoding.decoder().decode(GapList.self, from: data)
            #expect(list.until == Timestamp("2026-11-23T03:12:00Z"), "\(time)")
        }
        socket.close()
        #expect(try await collector.stop() == 0)
    }

    @Test func theFutureIsNoMoment() async throws {
        let scratch = try Scratch()
        for arguments in [
            ["snapshot", "a", "--at", "2999-01-01"], ["history", "a", "--until", "2999-01-01"],
            ["moves", "a", "--since", "@9999999999"], ["gaps", "a", "--until", "2999-01-01T00:00:00+01:00"],
        ] {
            let end = try await Program.run("dalloc", arguments, in: scratch)
            #expect(end.status == 64)
            #expect(end.errors.contains("is in the future: nothing is known of it"), "\(end.errors)")
        }
    }

    @Test func withoutUTF8EverythingIsASCII() async throws {
        let scratch = try Scratch()
        let collector = try await RunningCollector(scratch)
        let fleet = try await Program.run(
            "dalloc-simulator",
            ["--collector", "127.0.0.1:\(collector.port)", "--duration", "2s", "--frame-interval", "100"], in: scratch)
        #expect(fleet.status == 0, "\(fleet.errors)")
        let device = try #require(try await collector.devices().first?.id)
        for arguments in [
            ["devices"], ["history", device], ["snapshot", device], ["moves", device], ["gaps", device],
        ] {
            for environment in [["LC_ALL": "C"], ["LC_ALL": "C.UTF-8", "TERM": "dumb"]] {
                // On a terminal: script(1) gives the command one.
                let command = Program.folder.appendingPathComponent("dalloc").path
                let line = ([command] + arguments + ["--collector", "127.0.0.1:\(collector.apiPort)"])
                    .joined(separator: " ")
                let end = try await Program.run(
                    "/usr/bin/script", ["-qec", line, "/dev/null"], in: scratch, environment: environment)
                #expect(end.status == 0, "\(end.output) \(end.errors)")
                #expect(end.output.utf8.allSatisfy { $0 < 0x80 }, "\(end.output)")
            }
        }
        #expect(try await collector.stop() == 0)
    }
}
