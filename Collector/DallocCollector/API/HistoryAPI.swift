// The HTTP API of schema/openapi.yaml: parameters in, an answer of ``HistoryQuery`` or a ``Problem`` out.

internal import Foundation
internal import HTTPTypes
internal import HeapHistory
internal import Hummingbird
internal import Logging
internal import NIOCore

struct HistoryAPI: Sendable {
    let query: HistoryQuery
    let registry: DeviceRegistry
    let logger: Logger

    func makeRouter() -> Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: UnknownPath { failure($0) })
        router.get("v1/devices") { _, _ in
            devices(connected: await registry.connected)
        }
        router.get("v1/devices/:device/history") { request, context in
            await answer {
                let parameters = try Parameters(request, context)
                let until = try parameters.time("until") ?? .now
                let since = try parameters.time("since") ?? until.advanced(by: -3_600_000_000)
                return try await query.history(
                    device: parameters.device, heap: parameters.text("heap"), since: since, until: until,
                    stepMicroseconds: try parameters.number("step", 1000...Int64.max) ?? 60_000_000)
            }
        }
        router.get("v1/devices/:device/snapshot") { request, context in
            await answer {
                let parameters = try Parameters(request, context)
                let moment = try parameters.moment(time: "at", sequence: "sequence") ?? .latest
                return try await query.snapshot(
                    device: parameters.device, heap: parameters.text("heap"), at: moment)
            }
        }
        router.get("v1/devices/:device/moves") { request, context in
            await answer {
                let parameters = try Parameters(request, context)
                let until = try parameters.moment(time: "until", sequence: "until_sequence") ?? .time(.now)
                let since = try parameters.moment(time: "since", sequence: "since_sequence") ?? hourBefore(until)
                return try await query.moves(
                    device: parameters.device, heap: parameters.text("heap"), since: since, until: until,
                    limit: Int(try parameters.number("limit", 1...100_000) ?? 1000))
            }
        }
        router.get("v1/devices/:device/gaps") { request, context in
            await answer {
                let parameters = try Parameters(request, context)
                let until = try parameters.time("until") ?? .now
                let since = try parameters.time("since") ?? until.advanced(by: -86_400_000_000)
                return try await query.gaps(
                    device: parameters.device, heap: parameters.text("heap"), since: since, until: until)
            }
        }
        return router
    }

    private func hourBefore(_ until: Moment) -> Moment {
        guard case .time(let time) = until else { return .sequence(0) }
        return .time(time.advanced(by: -3_600_000_000))
    }

    private func answer(_ make: () async throws -> some JSONWritable) async -> Response {
        do {
            return json(try await make(), .ok)
        } catch let problem as Problem {
            return failure(problem)
        } catch {
            query.store.damage.note(error)
            logger.error("a question could not be answered", metadata: ["error": "\(error)"])
            return failure(
                Problem(.internalError, "The collector could not answer.", hint: "Its log says why; try again."))
        }
    }

    private func failure(_ problem: Problem) -> Response {
        let status: HTTPResponse.Status =
            switch problem.code {
            case .badRequest: .badRequest
            case .notFound: .notFound
            case .unknownInGap: .conflict
            case .internalError: .internalServerError
            }
        return json(problem, status)
    }

    /// Sent while it is written: the list of a large fleet never lies in memory as a whole, and its beginning is there at once.
    private func devices(connected: Set<String>) -> Response {
        let slices = query.deviceSlices(connected: connected)
        return Response(
            status: .ok, headers: [.contentType: Self.mediaType],
            body: ResponseBody { body in
                var writer = JSONWriter(reserving: 1 << 18)
                writer.beginList("devices")
                for slice in slices {
                    for device in slice { device.write(to: &writer) }
                    try await body.write(writer.takeBuffer())
                }
                writer.endList()
                try await body.write(writer.takeBuffer())
                try await body.finish(nil)
            })
    }

    private func json(_ value: some JSONWritable, _ status: HTTPResponse.Status) -> Response {
        var writer = JSONWriter()
        value.write(to: &writer)
        return Response(
            status: status, headers: [.contentType: Self.mediaType], body: ResponseBody(byteBuffer: writer.takeBuffer())
        )
    }

    private static let mediaType = "application/json; charset=utf-8"
}

extension JSONWriter {
    fileprivate mutating func takeBuffer() -> ByteBuffer {
        defer { removeAll() }
        return withBytes { ByteBuffer(bytes: $0) }
    }
}

extension Timestamp {
    func advanced(by microseconds: Int64) -> Timestamp {
        Timestamp(microseconds: self.microseconds.addingReportingOverflow(microseconds).partialValue)
    }
}
