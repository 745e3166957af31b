// SPDX-License-Identifier: Apache-2.0
//
// What monitoring and orchestration ask: figures of the collector and of the fleet, whether the process serves, and whether it stores.

internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

struct MonitorAPI: Sendable {
    /// Whose limits questions about the fleet have.
    let history: HistoryAPI
    /// All figures of the collector.
    let metrics: @Sendable () async -> String
    /// Writes figures of the fleet piece by piece.
    let fleet: @Sendable (FleetFigures, _ write: (ByteBuffer) async throws -> Void) async throws -> Void
    /// The media type of both.
    let type: String

    private var store: HistoryStore { history.store }

    func addRoutes(to router: Router<APIContext>) {
        router.get("metrics") { _, _ in
            plain(await metrics(), .ok, type: type)
        }
        router.get("metrics/fleet") { request, context in await fleetFigures(request, context) }
        router.get("healthz") { _, _ in plain("ok\n", .ok) }
        router.get("readyz") { _, _ in readiness }
    }

    private func fleetFigures(_ request: Request, _ context: APIContext) async -> Response {
        let questions = history.questions
        questions.connections.metrics.questions.add()
        return await history.response(context) {
            let selection = try Parameters(request, context).fleet()
            let connected = await history.registry.connected
            let figures = try await questions.ask(.short, context) { $0.fleet(selection, connected: connected) }
            let lease = questions.memory.lease(figures.bytes)
            return Response(
                status: .ok, headers: [.contentType: type, .cacheControl: "no-store"],
                body: ResponseBody { body in
                    try await fleet(figures) { try await body.write($0) }
                    try await body.finish(nil)
                    _ = lease
                })
        }
    }

    /// Devices are still served while the database takes no writes, but a load balancer should prefer another collector.
    private var readiness: Response {
        if let cause = store.notReady { return plain("\(cause)\n", .serviceUnavailable) }
        let lead = store.clock.lead
        let note =
            lead > 3_600_000_000 ? ", but its clock may be wrong: retention waits until it has proven itself" : ""
        return plain("ready\(note)\n", .ok)
    }

    private func plain(
        _ text: String, _ status: HTTPResponse.Status, type: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
