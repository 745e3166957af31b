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
        let server = try LoopbackServer(status: "200 OK", json: #"{"devices":[]}"#)
        #expect(try await client(server.address).devices() == DeviceList(devices: []))
        #expect(server.requestLines == ["GET /v1/devices HTTP/1.1"])
    }

    @Test func everyParameterReachesTheCollector() async throws {
        let server = try LoopbackServer(status: "404 Not Found", json: "{}")
        let client = try client(server.address)
        let time = Timestamp(microseconds: 1_795_403_520_000_000)
        let hour = try Stretch(since: .time(time), until: .ago(Span(microseconds: 1)), now: time.later(3_600_000_001))
        let frames = try Stretch(since: .sequence(3), until: .sequence(9), now: time)
        let step = Span(microseconds: 9)
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

    @Test(arguments: [
        ("bad_request", Outcome.usage), ("not_found", .notFound), ("unknown_in_gap", .unknownInGap),
        ("internal_error", .unexpected),
    ])
    func aProblemBecomesItsSentenceAndExitCode(_ code: String, _ status: Outcome) async throws {
        let server = try LoopbackServer(
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
        let server = try LoopbackServer(status: status, json: body)
        let failure = await failure { try await client(server.address).devices() }
        #expect(failure?.status == .notUnderstood)
        #expect(failure?.description.contains(detail) == true, "\(failure?.description ?? "no failure")")
    }

    @Test(arguments: ["", "\u{0}\u{1}garbage"])
    func aConnectionWithoutAnHTTPAnswerIsNotUnderstood(_ bytes: String) async throws {
        let server = try LoopbackServer(response: bytes)
        let failure = await failure { try await client(server.address).devices() }
        #expect(failure?.status == .notUnderstood, "\(failure?.description ?? "no failure")")
    }

    @Test func anAnswerThatBreaksOffIsACollectorThatWentAway() async throws {
        let server = try LoopbackServer(response: "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")
        let failure = await failure { try await client(server.address).devices() }
        #expect(failure?.status == .unreachable)
        #expect(failure?.description.contains("broke off") == true, "\(failure?.description ?? "no failure")")
    }

    @Test func aClosedPortIsUnreachable() async throws {
        // The port of a server that is gone is free for the moment.
        let port = try LoopbackServer(response: "").port
        let failure = await failure { try await client("127.0.0.1:\(port)").devices() }
        #expect(failure?.status == .unreachable)
        #expect(failure?.description.contains("127.0.0.1:\(port)") == true)
        #expect(failure?.description.contains("dalloc-collector serve") == true)
    }

    @Test func silenceIsUnreachableAfterTheTimeout() async throws {
        let server = try LoopbackServer(response: nil)
        let failure = await failure { try await client(server.address, timeout: 1).devices() }
        #expect(failure?.status == .unreachable)
        #expect(failure?.description.contains("within 1 s") == true, "\(failure?.description ?? "no failure")")
    }

    @Test func anUnknownHostIsUnreachable() async throws {
        let failure = await failure { try await client("http://no-such-host.invalid:7421", timeout: 5).devices() }
        #expect(failure?.status == .unreachable)
    }
}

extension Timestamp {
    func later(_ other: Int64) -> Timestamp { Timestamp(microseconds: microseconds + other) }
}
