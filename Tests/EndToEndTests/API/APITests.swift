// SPDX-License-Identifier: Apache-2.0
//
// What the API does with requests as they should not be, and with clients that take their time.

import Foundation
import HeapHistory
import TestSupport
import Testing

@Suite(.serialized) struct APITests {
    @Test func aHeadIsAnsweredLikeAGetWithoutItsBody() async throws {
        let collector = try await RunningCollector(Scratch())
        for path in ["/healthz", "/metrics", "/v1/devices"] {
            let get = try #require(try await collector.ask(path))
            let head = try #require(try await collector.ask(path, method: "HEAD"))
            #expect((get.status, head.status) == (200, 200), "\(path)")
            #expect(head.body == "", "\(path)")
            #expect(head.headers["content-type"] == get.headers["content-type"], "\(path)")
        }
        #expect(try await collector.ask("/v1/devices/nobody/gaps", method: "HEAD")?.status == 404)
        #expect(try await collector.stop() == 0)
    }

    @Test func aMethodThatAPathDoesNotTakeIsNamedWithThoseThatItTakes() async throws {
        let collector = try await RunningCollector(Scratch())
        for (method, path, allowed) in [
            ("POST", "/v1/devices", "GET, HEAD"), ("PUT", "/v1/devices/pump/moves", "GET, HEAD"),
            ("GET", "/v1/devices/pump", "DELETE"), ("DELETE", "/healthz", "GET, HEAD"),
            ("BREW", "/v1/devices", "GET, HEAD"),
        ] {
            let answer = try #require(try await collector.ask(path, method: method), "\(method) \(path)")
            // What is no method of HTTP can't be read.
            #expect(answer.status == (method == "BREW" ? 400 : 405), "\(method) \(path)")
            if method != "BREW" { #expect(answer.headers["allow"] == allowed, "\(method) \(path)") }
            #expect(answer.body.contains("\"code\":\"bad_request\""), "\(method) \(path)")
        }
        #expect(try await collector.ask("/v1/device", method: "POST")?.status == 404)
        #expect(try await collector.stop() == 0)
    }

    @Test func whatIsSaidOfATimeIsTrue() async throws {
        let collector = try await RunningCollector(Scratch())
        let device = try await BusyDevice.report("pump", to: collector, blocks: 2, frees: 1)
        let refusal = try #require(try await collector.ask("/v1/devices/pump/gaps?since=yesterday"))
        #expect(refusal.status == 400)
        #expect(
            refusal.body.contains("an offset such as +01:00 (a plus sign is %2B in a URL); without either it is in UTC")
        )
        for time in ["2026-11-23T03:12:00.000000Z", "2026-11-23T03:12:00%2B01:00", "2026-11-23T03:12:00"] {
            let answer = try #require(try await collector.ask("/v1/devices/pump/gaps?since=\(time)"))
            #expect(answer.status == 200, "\(time)")
            let hour = time.contains("%2B") ? "02" : "03"
            #expect(answer.body.contains("\"since\":\"2026-11-23T\(hour):12:00.000000Z\""), "\(time)")
        }
        device.close()
        #expect(try await collector.stop() == 0)
    }

    @Test func aNameWithAZeroIsNotTheNameBeforeIt() async throws {
        let collector = try await RunningCollector(Scratch())
        let device = try await BusyDevice.report("fleet-1", to: collector, blocks: 2, frees: 1)
        #expect(try await collector.ask("/v1/devices/fleet-1/gaps")?.status == 200)
        for name in [
            "fleet-1%00", "fleet-1%00x", "%00", "fleet-1%0A", "fleet-1%7F", "fleet-1%C2%85", "fleet%-1", "%FF",
        ] {
            #expect(try await collector.ask("/v1/devices/\(name)/gaps")?.status == 400, "\(name)")
        }
        for question in ["heap=%00", "heap=main%00", "since=%00", "limit=1%00"] {
            let path = "/v1/devices/fleet-1/moves?\(question)"
            #expect(try await collector.ask(path)?.status == 400, "\(question)")
        }
        device.close()
        #expect(try await collector.stop() == 0)
    }

    @Test func aHostOfAnotherNameIsTurnedAway() async throws {
        let collector = try await RunningCollector(Scratch(), options: ["--api-host", "Fleet.example"])
        for host in [
            "localhost", "LOCALHOST:80", "127.0.0.1", "127.0.0.1:\(collector.apiPort)", "127.1.2.3", "[::1]",
            "[::1]:7421", "fleet.example:7421", "fleet.example.",
        ] {
            #expect(try await collector.ask("/healthz", host: host)?.status == 200, "\(host)")
        }
        for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "fleet", ""] {
            #expect(try await collector.ask("/v1/devices", host: host)?.status == 421, "\(host)")
        }
        #expect(try await collector.ask("/healthz", host: nil)?.status == 400)
        #expect(try await collector.ask("http://evil.example/v1/devices")?.status == 421)
        #expect(try await collector.ask("http://localhost/v1/devices")?.status == 200)
        #expect(try await collector.stop() == 0)
    }

    @Test func addressesAreTakenWhereAnyOfThemIsListenedOn() async throws {
        let scratch = try Scratch()
        let port = try freePort()
        let collector = try Program(
            "dalloc-collector",
            [
                "serve", "--listen", "127.0.0.1:0", "--api", "0.0.0.0:\(port)", "--database", scratch["h.sqlite"],
            ], in: scratch)
        try await wait(for: "the collector to be ready") { collector.errors.contains("the collector is ready") }
        for (host, status) in [("10.0.0.1:\(port)", 200), ("[fd00::1]", 200), ("evil.example", 421)] {
            let socket = try Socket(connectedTo: port)
            socket.ask("/healthz", host: host)
            #expect(try await socket.answer()?.status == status, "\(host)")
            socket.close()
        }
        collector.signal(SIGTERM)
        #expect(try await collector.finish().status == 0)
    }

    @Test func whatIsNoHTTPIsClosedAtOnceAndCostsNothing() async throws {
        let collector = try await RunningCollector(Scratch())
        let (lines, cpu) = (collector.program.errors.count, collector.cpu)
        var random = SystemRandomNumberGenerator()
        for turn in 0..<200 {
            let socket = try Socket(connectedTo: collector.apiPort)
            switch turn % 4 {
            case 0: socket.send(WireBytes.hello(device: "lost-\(turn)"))
            // The beginning of a TLS ClientHello.
            case 1: socket.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03])
            case 2: socket.send([0xFF] + (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) })
            default: socket.send(Array("GET /healthz HTTP/1.1\u{1}\r\n\r\n".utf8))
            }
            #expect(try await socket.answer()?.status == 400, "\(turn)")
            try await wait(for: "the connection to be closed") { socket.isHungUp() }
            socket.close()
        }
        print("200 connections of strangers cost \(collector.cpu - cpu) s of CPU")
        #expect(collector.program.errors.count == lines, "\(collector.program.errors.suffix(500))")
        #expect(try await collector.stop() == 0)
    }

    @Test func whoTakesTooLongIsSentAway() async throws {
        let collector = try await RunningCollector(
            Scratch(), options: ["--api-head-timeout", "1s", "--api-idle-timeout", "3s"])
        let (silent, slow, idle) = (
            try Socket(connectedTo: collector.apiPort), try Socket(connectedTo: collector.apiPort),
            try Socket(connectedTo: collector.apiPort)
        )
        slow.send(Array("GET /healthz HTTP/1.1\r\nX-A: ".utf8))
        idle.ask("/healthz")
        #expect(try await idle.answer()?.status == 200)
        // A byte now and then doesn't help.
        var answer: RawAnswer?
        var bytes: [UInt8] = []
        try await wait(for: "the slow one to be told", pause: .milliseconds(200)) {
            slow.send([UInt8(ascii: "a")])
            bytes += slow.receive(milliseconds: 0) ?? []
            answer = RawAnswer(bytes)
            return answer != nil
        }
        #expect(answer?.status == 408)
        try await wait(for: "the slow one to be closed") { slow.isHungUp() }
        try await wait(for: "the silent one to be closed") { silent.isHungUp() }
        try await wait(for: "the idle one to be closed") { idle.isHungUp() }
        let cut = "dalloc_collector_api_connections_cut_total"
        #expect(try await collector.metric(cut + "{reason=\"slow_request\"}") == 1)
        #expect(try await collector.metric(cut + "{reason=\"idle\"}") ?? 0 >= 2)
        for socket in [silent, slow, idle] { socket.close() }
        #expect(try await collector.stop() == 0)
    }

    @Test func aHeadHasAnEnd() async throws {
        let collector = try await RunningCollector(Scratch())
        let socket = try Socket(connectedTo: collector.apiPort)
        socket.send(Array("GET /healthz HTTP/1.1\r\n".utf8))
        for _ in 0..<40 { socket.send(Array("X-Long: \(String(repeating: "a", count: 1000))\r\n".utf8)) }
        #expect(try await socket.answer()?.status == 431)
        socket.close()
        let body = try Socket(connectedTo: collector.apiPort)
        body.send(Array("GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n".utf8))
        #expect(try await body.answer()?.status == 413)
        body.close()
        #expect(try await collector.stop() == 0)
    }

    @Test func connectionsThatWaitGiveWayToNewOnes() async throws {
        let collector = try await RunningCollector(Scratch(), options: ["--max-api-connections", "8"])
        var sockets: [Socket] = []
        for turn in 0..<200 {
            let socket = try Socket(connectedTo: collector.apiPort)
            if turn % 2 == 0 { socket.send(Array("GET /".utf8)) }
            sockets.append(socket)
        }
        #expect(try await collector.ask("/healthz")?.status == 200)
        try await wait(for: "all but a few to be closed") { collector.sockets < 20 }
        let metrics = "dalloc_collector_api_connections_"
        let counted = [
            try await collector.metric(metrics + "cut_total{reason=\"displaced\"}"),
            try await collector.metric(metrics + "refused_total{how=\"told\"}"),
            try await collector.metric(metrics + "refused_total{how=\"closed\"}"),
        ]
        #expect(counted.reduce(0) { $0 + ($1 ?? 0) } >= 180, "\(counted)")
        for socket in sockets { socket.close() }
        #expect(try await collector.stop() == 0)
    }

    @Test func devicesComeInPages() async throws {
        let collector = try await RunningCollector(Scratch())
        let socket = try Socket(connectedTo: collector.port)
        let names = (0..<25).map { "page \($0 % 5)/\($0)" }
        for name in names { socket.send(WireBytes.hello(device: name)) }
        try await wait(for: "all to be known") { try await collector.page("limit=10000").devices.count == 25 }
        var (listed, next): ([String], String?) = ([], "")
        while let after = next {
            let page = try await collector.page("limit=7&after=\(after)")
            #expect(page.devices.count <= 7)
            listed += page.devices.map(\.id)
            next = page.next?.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
        }
        #expect(listed == names.sorted())
        #expect(try await collector.page("limit=25").next == nil)
        for limit in ["0", "10001", "-1", "x", ""] {
            #expect(try await collector.get("v1/devices?limit=\(limit)").1 == 400, "\(limit)")
        }
        socket.close()
        #expect(try await collector.stop() == 0)
    }

    @Test func aDeviceIsRemovedWithAllThatIsKnownOfIt() async throws {
        let scratch = try Scratch()
        let collector = try await RunningCollector(scratch)
        let kept = try await BusyDevice.report("kept", to: collector, blocks: 100, frees: 50)
        let device = try await BusyDevice.report("old pump", to: collector, blocks: 100, frees: 50)
        let connected = try #require(try await collector.ask("/v1/devices/old%20pump", method: "DELETE"))
        #expect(connected.status == 409)
        #expect(connected.body.contains("\"code\":\"connected\""))
        device.close()
        try await wait(for: "it to be gone") { try await collector.page("").devices.map(\.connected) == [true, false] }
        #expect(try await collector.ask("/v1/devices/old%20pump", method: "DELETE")?.status == 204)
        #expect(try await collector.ask("/v1/devices/old%20pump", method: "DELETE")?.status == 404)
        #expect(try await collector.ask("/v1/devices/old%20pump/history")?.status == 404)
        #expect(try await collector.page("").devices.map(\.id) == ["kept"])
        // It may come back, as a new one.
        let again = try await BusyDevice.report("old pump", to: collector, blocks: 10, frees: 0)
        #expect(try await collector.page("").devices.map { $0.heaps.first?.liveBlocks } == [50, 10])
        for socket in [kept, again] { socket.close() }
        #expect(try await collector.stop() == 0)
        let check = try await collector.check()
        #expect(check.findings == [])
    }
}

extension RunningCollector {
    fileprivate func page(_ question: String) async throws -> DeviceList {
        try HistoryCoding.decoder().decode(DeviceList.self, from: try await get("v1/devices?\(question)").0)
    }
}
