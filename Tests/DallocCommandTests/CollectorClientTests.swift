// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandSupport
import Foundation
import HeapHistory
import Testing

@testable import dalloc

@Suite struct CollectorClientTests {
    private func client(_ address: String, timeout: TimeInterval = 10) throws -> CollectorClient {
        CollectorClient(address: try CollectorAddress(option: address, environment: [:]), timeout: timeout)
    }

    private func failure(_ fetch: () async throws -> some Sendable) async -> CommandFailure? {
        do {
            _ = try await fetch()
            return nil
        } catch {
            return error as? CommandFailure
        }
    }

    @Test func anAnswerIsDecoded() async throws {
        let server = try HTTPServer(status: "200 OK", json: #"{"devices":[]}"#)
        #expect(try await client(server.address).devices() == DeviceList(devices: []))
        #expect(server.requestLines == ["GET /v1/devices?limit=1000 HTTP/1.1"])
    }

    @Test func everyParameterReachesTheCollector() async throws {
        let server = try HTTPServer(status: "404 Not Found", json: "{}")
        let client = try client(server.address)
        let time = Timestamp(microseconds: 1_795_403_520_000_000)
        let hour = try TimeRange(
            since: .time(time), until: .ago(Interval(microseconds: 1)), now: time.later(3_600_000_001),
            in: .utc)
        let frames = try TimeRange(since: .sequence(3), until: .sequence(9), now: time, in: .utc)
        let step = Interval(microseconds: 9)
        _ = await failure { try await client.history(of: "a/b ü", heap: "x&y", during: hour, step: step) }
        _ = await failure { try await client.snapshot(of: "a", heap: nil, at: nil) }
        _ = await failure { try await client.snapshot(of: "a", heap: "1", at: .sequence(7)) }
        _ = await failure { try await client.moves(of: "a", heap: nil, during: frames, limit: 5) }
        #expect(
            server.requestLines == [
                "GET /v1/devices/a%2Fb%20%C3%BC/history?heap=x%26y&since=2026-11-23T03%3A12%3A00.000000Z"
                    + "&until=2026-11-23T04%3A12%3A00.000000Z&step=9 HTTP/1.1",
                "GET /v1/devices/a/snapshot HTTP/1.1",
                "GET /v1/devices/a/snapshot?heap=1&sequence=7 HTTP/1.1",
                "GET /v1/devices/a/moves?since_sequence=3&until_sequence=9&limit=5 HTTP/1.1",
            ])
    }

    @Test func whatChangesADeviceNamesItInThePath() async throws {
        let server = try HTTPServer(response: "HTTP/1.1 204 No Content\r\n\r\n")
        let client = try client(server.address)
        try await client.label("a/b", ["site=berlin & more", "owner="].compactMap { DeviceLabel($0) })
        try await client.forget("a/b")
        #expect(
            server.requestLines == [
                "PUT /v1/devices/a%2Fb/labels?label=site%3Dberlin%20%26%20more&label=owner%3D HTTP/1.1",
                "DELETE /v1/devices/a%2Fb HTTP/1.1",
            ])
    }

    @Test func theDetailIsAskedAndSet() async throws {
        let server = try HTTPServer(
            status: "200 OK", json: #"{"connected":true,"detail":"full","device":"a/b","told":true}"#)
        let client = try client(server.address)
        let full = DeviceDetail(device: "a/b", detail: .full, connected: true, told: true)
        #expect(try await client.detail(of: "a/b") == full)
        #expect(try await client.set(.full, of: "a/b") == full)
        #expect(
            server.requestLines == [
                "GET /v1/devices/a%2Fb/detail HTTP/1.1", "PUT /v1/devices/a%2Fb/detail HTTP/1.1",
            ])
    }

    @Test func aSelectionIsMadeByTheCollector() async throws {
        let server = try HTTPServer(status: "200 OK", json: #"{"devices":[]}"#)
        let words = [
            "--build", "1.4", "--silent", "1h30m", "--failing", "--usage", ">80%", "--label", "site=berlin", "--label",
            "owner",
            "--sort", "last-seen",
        ]
        _ = try await client(server.address).devices(DeviceSelection.parse(words))
        _ = try await client(server.address).devices(DeviceSelection.parse([]), after: "x", limit: 5000)
        _ = try await client(server.address).devices(DeviceSelection.parse(["--sort", "usage"]), limit: 5000)
        #expect(
            server.requestLines == [
                "GET /v1/devices?limit=1000&build=1.4&silent=5400000000&failing=true&usage=%3E80%25&sort=last_seen"
                    + "&label=site%3Dberlin&label=owner HTTP/1.1",
                "GET /v1/devices?limit=1000&after=x HTTP/1.1",
                "GET /v1/devices?limit=5000&sort=usage HTTP/1.1",
            ])
    }

    @Test(arguments: [
        ("bad_request", Outcome.usage), ("not_found", .notFound), ("unknown_in_gap", .unknownInGap),
        ("internal_error", .unexpected), ("unsupported", .unexpected), ("overloaded", .temporary),
        ("connected", .temporary),
    ])
    func aProblemBecomesItsSentenceAndExitCode(_ code: String, _ status: Outcome) async throws {
        let server = try HTTPServer(
            status: "409 Conflict", json: #"{"code":"\#(code)","message":"It is so.","hint":"Do this."}"#)
        let failure = await failure { try await client(server.address).devices() }
        #expect(failure?.status == status)
        #expect(failure?.description == "It is so. Do this.")
    }

    @Test(arguments: [
        ("200 OK", "<html>hello</html>", "it is not JSON"),
        ("200 OK", "{}", "the answer has no devices"),
        ("200 OK", #"{"devices":[{"id":7}]}"#, "the answer.devices[0].id has the wrong type"),
        ("500 Internal Server Error", "oops", "HTTP status 500"),
        ("404 Not Found", #"{"code":"gone","message":"","hint":""}"#, "HTTP status 404"),
    ])
    func whatACollectorWouldNotSayIsNotUnderstood(_ status: String, _ body: String, _ detail: String) async throws {
        let server = try HTTPServer(status: status, json: body)
        let failure = await failure { try await client(server.address).devices() }
        #expect(failure?.status == .notUnderstood)
        #expect(failure?.description.contains(detail) == true, "\(failure?.description ?? "no failure")")
    }

    @Test(arguments: ["", "\u{0}\u{1}garbage", "HTTP/1.1", "HTTP/1.1 OK\r\n", "SSH-2.0-OpenSSH_9.2\r\n"])
    func aConnectionWithoutAnHTTPAnswerIsNotUnderstood(_ bytes: String) async throws {
        let server = try HTTPServer(response: bytes)
        let failure = await failure { try await client(server.address).devices() }
        #expect(failure?.status == .notUnderstood, "\(failure?.description ?? "no failure")")
    }

    @Test func anAnswerThatBreaksOffIsACollectorThatWentAway() async throws {
        let server = try HTTPServer(response: "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")
        let failure = await failure { try await client(server.address).devices() }
        #expect(failure?.status == .unreachable)
        #expect(failure?.description.contains("broke off") == true, "\(failure?.description ?? "no failure")")
    }

    @Test func aClosedPortIsUnreachable() async throws {
        // The port of a server that is gone is free for the moment.
        let port = try HTTPServer(response: "").port
        let failure = await failure { try await client("127.0.0.1:\(port)").devices() }
        #expect(failure?.status == .unreachable)
        #expect(failure?.description.contains("127.0.0.1:\(port)") == true)
        #expect(failure?.description.contains("dalloc-collector serve") == true)
    }

    @Test func silenceIsUnreachableAfterTheTimeout() async throws {
        let server = try HTTPServer(response: nil)
        let failure = await failure { try await client(server.address, timeout: 1).devices() }
        #expect(failure?.status == .unreachable)
        #expect(failure?.description.contains("within 1 s") == true, "\(failure?.description ?? "no failure")")
    }

    @Test func anAnswerThatDoesNotGoOnIsUnreachable() async throws {
        let server = try HTTPServer(speaksFirst: Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".utf8))
        let failure = await failure { try await client(server.address, timeout: 0.5).devices() }
        #expect(failure?.status == .unreachable)
        #expect(failure?.description.contains("within 0.5 s") == true, "\(failure?.description ?? "no failure")")
    }

    @Test func anotherProtocolIsKnownByItsFirstBytes() async throws {
        // Without a line's end, and the connection stays open: who waits for more waits for the time-out.
        let listener = try HTTPServer(speaksFirst: [0x05, 0x01, 0x00, 0x7F])
        let begin = ContinuousClock.now
        for address in [listener.address, listener.address.replacing("http", with: "https")] {
            let failure = await failure { try await client(address, timeout: 60).devices() }
            #expect(failure?.status == .notUnderstood, "\(failure?.description ?? "no failure")")
        }
        #expect(ContinuousClock.now - begin < .seconds(30))
    }

    @Test func aPortWithoutTLSIsNamedAsSuch() async throws {
        let plain = try HTTPServer(speaksFirst: Array("HTTP/1.1 400 Bad Request\r\n".utf8))
        let silent = try HTTPServer(response: nil)
        let first = await failure { try await client("https://127.0.0.1:\(plain.port)").devices() }
        #expect(first?.status == .notUnderstood)
        #expect(first?.description.contains("speaks no TLS") == true, "\(first?.description ?? "no failure")")
        let second = await failure { try await client("https://127.0.0.1:\(silent.port)", timeout: 0.5).devices() }
        #expect(second?.status == .unreachable)
        #expect(second?.description.contains("a greeting of TLS") == true, "\(second?.description ?? "no failure")")
    }

    @Test func anIPv6AddressIsAsGoodAsAnother() async throws {
        let server = try HTTPServer(isIPv6: true) { _ in HTTPServer.response(json: #"{"devices":[]}"#) }
        #expect(try await client(server.address).devices().devices.isEmpty)
        #expect(try await client("[::1]:\(server.port)").devices().devices.isEmpty)
    }

    @Test func dotsAndSlashesInAnIdStayInIt() async throws {
        let server = try HTTPServer(status: "404 Not Found", json: "{}")
        let client = try client(server.address)
        for id in ["..", ".", "/", "../x", "a%00"] {
            _ = await failure { try await client.snapshot(of: id, heap: nil, at: nil) }
        }
        #expect(
            server.requestLines.map { $0.components(separatedBy: " ")[1] } == [
                "/v1/devices/%2E%2E/snapshot", "/v1/devices/%2E/snapshot", "/v1/devices/%2F/snapshot",
                "/v1/devices/..%2Fx/snapshot", "/v1/devices/a%2500/snapshot",
            ])
    }

    @Test func aBusyCollectorIsAskedAgainLater() async throws {
        let server = try HTTPServer(response: "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n")
        let failure = await failure { try await client(server.address).devices() }
        #expect(failure?.status == .temporary)
        #expect(failure?.description.contains("ask again in 7 s") == true, "\(failure?.description ?? "no failure")")
    }

    @Test func aRedirectionIsSaid() async throws {
        let server = try HTTPServer(
            response: "HTTP/1.1 301 Moved\r\nLocation: https://fleet.example/\r\nContent-Length: 0\r\n\r\n")
        let failure = await failure { try await client(server.address).devices() }
        #expect(failure?.status == .notUnderstood)
        #expect(failure?.description.contains("https://fleet.example/") == true)
    }

    @Test func aQuestionThatNobodyWaitsForEndsAtOnce() async throws {
        let server = try HTTPServer(response: nil)
        let client = try client(server.address, timeout: 3600)
        let question = Task { try await client.devices() }
        while server.requestLines.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        question.cancel()
        await #expect(throws: CancellationError.self) { try await question.value }
    }

    @Test func pagesAreAskedForOneAfterAnother() async throws {
        let server = try HTTPServer { line in
            HTTPServer.response(
                json: line.contains("after=b%2F")
                    ? #"{"devices":[\#(Self.device("c"))]}"#
                    : #"{"devices":[\#(Self.device("a")),\#(Self.device("b/"))],"next":"b/"}"#)
        }
        var (pages, ids) = (DevicePages(try client(server.address)), [[String]]())
        while let devices = try await pages.next() { ids.append(devices.map(\.id)) }
        #expect(ids == [["a", "b/"], ["c"]])
        #expect(server.requestLines.count == 2)
    }

    @Test(arguments: [#"{"devices":[\#(Self.device("a"))],"next":"a"}"#, #"{"devices":[],"next":"b"}"#])
    func pagesThatLeadNowhereEnd(_ json: String) async throws {
        let server = try HTTPServer(status: "200 OK", json: json)
        var pages = DevicePages(try client(server.address))
        let failure = await failure { while try await pages.next() != nil {} }
        #expect(failure?.status == .notUnderstood)
    }

    private static func device(_ id: String) -> String {
        #"""
        {"id":"\#(id)","build":"1","boot":1,"link":"tcp","connected":true,"first_seen":"2026-11-23","last_seen":"2026-11-23",
        "heaps":[],"labels":{},"warnings":[]}
        """#
    }

    @Test func anUnknownHostIsUnreachable() async throws {
        let failure = await failure { try await client("http://no-such-host.invalid:7421", timeout: 5).devices() }
        #expect(failure?.status == .unreachable)
    }
}

extension Timestamp {
    func later(_ other: Int64) -> Timestamp { Timestamp(microseconds: microseconds + other) }
}
