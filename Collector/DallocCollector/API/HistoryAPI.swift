// SPDX-License-Identifier: Apache-2.0
//
// The HTTP API of schema/openapi.yaml: parameters in, an answer of ``HistoryQuery`` or a ``Problem`` out.

internal import Foundation
internal import HTTPTypes
internal import HeapHistory
internal import Hummingbird
internal import Logging
internal import NIOCore

struct HistoryAPI: Sendable {
    let questions: QuestionRunner
    let registry: DeviceRegistry
    let log: PeerLog

    var store: HistoryStore { questions.query.store }

    func makeRouter() -> Router<APIContext> {
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: UnknownPath())
        router.get("v1/devices") { request, context in
            // Those that leak take a look at the sums of all.
            let kind: QuestionGate.Kind = request.uri.queryParameters["leaking"] == nil ? .short : .long
            return await answer(request, context, kind) { parameters in
                let limit = Int(try parameters.number("limit", 1...10_000) ?? 1000)
                let (filter, order, after) = (
                    try parameters.filter(), try parameters.order(), try parameters.text("after")
                )
                let connected = await registry.connected
                guard order != .id else {
                    return { query in
                        query.devices(
                            connected: connected, matching: try await query.withLeaks(filter), after: after,
                            limit: limit)
                    }
                }
                guard after == nil else {
                    throw Problem(
                        .badRequest, "`after` goes on in the order of ids, and sort=\(order.rawValue) is another one.",
                        hint: "Ask for more at once with `limit`, or leave `sort` away.")
                }
                return { query in
                    query.devices(
                        connected: connected, matching: try await query.withLeaks(filter), order: order, limit: limit)
                }
            }
        }
        router.put("v1/devices/:device/labels") { request, context in
            await response(context) {
                let parameters = try Parameters(request, context)
                try Self.expectLocal(context, "Labels are set")
                let labels = try parameters.values("label", "site=berlin") { DeviceLabel($0) }
                guard !labels.isEmpty, labels.allSatisfy({ $0.value != nil }) else {
                    throw Problem(
                        .badRequest, "No label is given, or one without a value.",
                        hint: "Write label=site=berlin, or label=site= to remove it.")
                }
                try await store.label(parameters.device, labels)
                return Response(status: .noContent)
            }
        }
        router.delete("v1/devices/:device") { request, context in
            await removal(request, context)
        }
        router.get("v1/devices/:device/history") { request, context in
            await answer(request, context, .short) { parameters in
                let (since, until) = (try parameters.bound("since"), try parameters.bound("until"))
                let (device, heap) = (parameters.device, try parameters.text("heap"))
                let step = try parameters.number("step", 1000...Int64.max)
                let points = try parameters.number("points", 1...HistoryQuery.mostPoints)
                guard step == nil || points == nil else {
                    throw Problem(.badRequest, "Both step and points are given.", hint: "Leave one of them away.")
                }
                return { query in
                    let range = try await query.range(
                        since, until, device: device, heap: heap, length: 3_600_000_000)
                    let width = points.map { RoundStep.width(from: range.since, to: range.until, points: $0) }
                    return try await query.history(
                        device: device, heap: heap, since: range.since, until: range.until,
                        stepMicroseconds: step ?? width ?? 60_000_000)
                }
            }
        }
        router.get("v1/devices/:device/snapshot") { request, context in
            await answer(request, context, .short) { parameters in
                let at = try parameters.bound("at")
                let sequence = try parameters.sequence("sequence", insteadOf: "at", from: 1)
                let (device, heap) = (parameters.device, try parameters.text("heap"))
                return { query in
                    let moment = try await query.moment(at, .beginning, device: device, heap: heap)
                    return try await query.snapshot(device: device, heap: heap, at: sequence ?? moment ?? .latest)
                }
            }
        }
        router.get("v1/devices/:device/moves") { request, context in
            await answer(request, context, .long) { parameters in
                let (since, until) = (try parameters.bound("since"), try parameters.bound("until"))
                let first = try parameters.sequence("since_sequence", insteadOf: "since")
                let last = try parameters.sequence("until_sequence", insteadOf: "until")
                let (device, heap) = (parameters.device, try parameters.text("heap"))
                let limit = Int(try parameters.number("limit", 1...100_000) ?? 1000)
                return { query in
                    let end = try await query.moment(until, .end, device: device, heap: heap)
                    let until = last ?? end ?? .time(.now)
                    let beginning = try await query.moment(since, .beginning, device: device, heap: heap)
                    return try await query.moveAnswer(
                        device: device, heap: heap, since: first ?? beginning ?? hourBefore(until), until: until,
                        limit: limit)
                }
            }
        }
        router.get("v1/devices/:device/gaps") { request, context in
            await answer(request, context, .short) { parameters in
                let (since, until) = (try parameters.bound("since"), try parameters.bound("until"))
                let (device, heap) = (parameters.device, try parameters.text("heap"))
                return { query in
                    let range = try await query.range(
                        since, until, device: device, heap: heap, length: 86_400_000_000)
                    return try await query.gaps(
                        device: device, heap: heap, since: range.since, until: range.until)
                }
            }
        }
        addDetailRoutes(to: router)
        addOperationRoutes(to: router)
        addFleetRoutes(to: router)
        return router
    }

    func dayBefore(_ until: Moment) -> Moment {
        guard case .time(let time) = until else { return .sequence(0) }
        return .time(time.later(byMicroseconds: -86_400_000_000))
    }

    func hourBefore(_ until: Moment) -> Moment {
        guard case .time(let time) = until else { return .sequence(0) }
        return .time(time.later(byMicroseconds: -3_600_000_000))
    }

    /// - Parameter question: made from the parameters of the request.
    func answer<Answer: JSONList>(
        _ request: Request, _ context: APIContext, _ kind: QuestionGate.Kind,
        _ question: (Parameters) async throws -> @Sendable (HistoryQuery) async throws -> Answer
    ) async -> Response {
        questions.connections.metrics.questions.add()
        return await response(context) {
            let answer = try await questions.ask(kind, context, question(Parameters(request, context)))
            return Response(answer, questions.memory.lease(answer.bytes))
        }
    }

    /// The same for an answer that is not long: it is written at once.
    func smallAnswer<Answer: Encodable & Sendable>(
        _ request: Request, _ context: APIContext, _ kind: QuestionGate.Kind,
        _ question: (Parameters) async throws -> @Sendable (HistoryQuery) async throws -> Answer
    ) async -> Response {
        questions.connections.metrics.questions.add()
        return await response(context) {
            let question = try await question(Parameters(request, context))
            let text = try await questions.ask(kind, context) { query in
                try HistoryCoding.encoder().encode(try await question(query))
            }
            return Response(
                status: .ok, headers: [.contentType: Response.json],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: text)))
        }
    }

    private func removal(_ request: Request, _ context: APIContext) async -> Response {
        await response(context) {
            let device = try Parameters(request, context).device
            try Self.expectLocal(context, "Devices are removed")
            try await DeviceRemoval(store: store, registry: registry).remove(device)
            return Response(status: .noContent)
        }
    }

    static func expectLocal(_ context: APIContext, _ what: String) throws {
        guard context.isLocal else {
            throw Problem(
                .badRequest, "\(what) on the collector's machine only.",
                hint: "Send the request there, to 127.0.0.1.")
        }
    }

    func response(_ context: APIContext, _ make: () async throws -> Response) async -> Response {
        let metrics = questions.connections.metrics
        do {
            return try await make()
        } catch let problem as Problem {
            if problem.code == .overloaded { metrics.overloads.add(.work) }
            return Response(problem)
        } catch let overload as Overload {
            metrics.overloads.add(overload)
            return Response(
                Problem(
                    .overloaded, "The collector has as many questions at work as it takes on.",
                    hint: "Ask again in a moment."),
                headers: [.retryAfter: "2"])
        } catch is CancellationError {
            metrics.abandoned.add()
            return Response(Problem(.overloaded, "The question was given up: its client left.", hint: "Ask again."))
        } catch {
            store.damage.note(error)
            log.note(
                .error, "a question could not be answered",
                address: context.channel.remoteAddress?.ipAddress ?? "unknown",
                ["error": "\(error)"])
            return Response(
                Problem(.internalError, "The collector could not answer.", hint: "Its log says why; try again."))
        }
    }
}
