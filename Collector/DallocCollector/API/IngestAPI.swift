// SPDX-License-Identifier: Apache-2.0
//
// Takes frames in the body of a request: of devices that reach the collector over HTTP, of gateways, of spools and recordings. The answer
// comes when all that it acknowledges is on disk. Off unless asked for: the API authenticates nobody, and this writes.

internal import Foundation
internal import HTTPTypes
internal import HeapHistory
internal import Hummingbird
internal import NIOCore
internal import ServiceLifecycle
internal import Synchronization

final class IngestAPI: Sendable {
    static let path = "/v1/ingest"
    static let frames = "application/octet-stream"

    private let context: IngestContext
    private let limits: APILimits
    private let bodies = Mutex(0)

    init(context: IngestContext, limits: APILimits) {
        (self.context, self.limits) = (context, limits)
    }

    func addRoutes(to router: Router<APIContext>) {
        guard limits.takesFrames else { return }
        router.post(RouterPath(Self.path)) { request, context in await self.answer(request, context) }
    }

    /// Questions keep half of the connections.
    private var mostBodies: Int { max(1, limits.connections / 2) }

    private func answer(_ request: Request, _ api: APIContext) async -> Response {
        // A page in a browser can't send this type to another host without asking first.
        guard request.headers[.contentType]?.hasPrefix(Self.frames) == true else {
            return Response(
                Problem(
                    .badRequest, "The body is not said to be frames.", hint: "Send `Content-Type: \(Self.frames)`."),
                .unsupportedMediaType)
        }
        guard !context.history.isPaused, enter() else {
            return Response(
                Problem(
                    .overloaded,
                    "The collector takes no body now: its database takes no writes, or it takes others.",
                    hint: "Keep what you have, and send it again in a moment."), headers: [.retryAfter: "2"])
        }
        defer { leave() }
        let replies = BodyReplies()
        let (peer, address) = (
            api.channel.remoteAddress?.hostAndPort ?? "unknown", api.channel.remoteAddress?.host ?? "unknown"
        )
        let line = Line(peer: "http " + peer, address: address, body: replies)
        if let refusal = context.connections.admit(line) {
            context.metrics.refusedConnections.add(refusal)
            return Response(
                Problem(
                    .overloaded, "The collector has as many connections as it takes on.",
                    hint: "Send it again in a moment."),
                headers: [.retryAfter: "2"])
        }
        defer { context.connections.remove(line) }
        let body = request.body
        let task = Task { [context] in
            let tally = BodyTally()
            var device = await DeviceConnection(context: context, line: line, isPatient: false, tally: tally)
            let end = await device.take(body)
            return BodyOutcome(end, tally)
        }
        replies.onStop { task.cancel() }
        let outcome = await withGracefulShutdownHandler {
            await task.value
        } onGracefulShutdown: {
            line.close(.shutdown)
        }
        if let failure = Self.failure(outcome) { return failure }
        guard request.headers[.accept]?.hasPrefix("application/json") != true else {
            return (try? Self.json(outcome.report)) ?? Response(status: .internalServerError)
        }
        return Response(
            status: .ok, headers: [.contentType: Self.frames], body: ResponseBody(byteBuffer: replies.frames))
    }

    private static func json(_ report: IngestReport) throws -> Response {
        Response(
            status: .ok, headers: [.contentType: Response.json],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try HistoryCoding.encoder().encode(report))))
    }

    private func enter() -> Bool {
        bodies.withLock { bodies in
            guard bodies < mostBodies else { return false }
            bodies += 1
            return true
        }
    }

    private func leave() { bodies.withLock { $0 -= 1 } }

    /// Why a body is not answered with replies. What was taken before is stored, unless the database failed, and sending it again does
    /// no harm.
    private static func failure(_ outcome: BodyOutcome) -> Response? {
        switch outcome.end {
        case nil where outcome.limit == .notAuthorised:
            Response(
                Problem(
                    .badRequest, "A device in the body has proved who it is before, and a body proves nothing.",
                    hint: "Let it connect as it did, with TLS. What else was in the body is stored."),
                .forbidden)
        case nil where outcome.limit != nil:
            Response(
                Problem(
                    .overloaded, "Not all of the body was taken: there was \(outcome.limit?.words ?? "too much").",
                    hint: "The rest of it is stored. Send it again in a moment: nothing is stored twice."),
                headers: [.retryAfter: "10"])
        case nil where outcome.report.devices > 0: nil
        case nil:
            Response(
                Problem(
                    .badRequest, "The body has no whole frame, or none that can be read.",
                    hint: "Send frames as schema/wire.md describes them, each with its zero, and HELLO first."),
                .unprocessableContent)
        case .malformed where outcome.report.devices == 0:
            Response(
                Problem(
                    .badRequest, "The body does not begin with a HELLO that is taken.",
                    hint: "Send HELLO first, in each body: it says whose frames these are."), .unprocessableContent)
        case .malformed:
            Response(
                Problem(
                    .badRequest,
                    "What follows in the body can't be taken: \(outcome.lastRejection ?? "it is no frames").",
                    hint: "What came before is stored."), .unprocessableContent)
        case .elsewhere, .displaced, .twin:
            Response(
                Problem(
                    .connected, "The device is connected, or another body of it is being taken.",
                    hint: "Let it use one way at a time, and send the body again: nothing is stored twice."),
                headers: [.retryAfter: "2"])
        case .idle, .noGreeting, .peer, .probe, .handshake, .speaksTLS, .notAuthorised:
            Response(
                Problem(
                    .badRequest, "The body did not come to its end.",
                    hint: "Send it again: what is stored already is not stored twice."), .requestTimeout)
        case .failed, .shutdown:
            Response(
                Problem(
                    .overloaded, "Not all of the body could be stored.",
                    hint: "Keep what you have, and send it again in a moment."),
                headers: [.retryAfter: "2"])
        }
    }
}
