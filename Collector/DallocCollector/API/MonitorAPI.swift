// SPDX-License-Identifier: Apache-2.0
//
// What monitoring and orchestration ask: figures, whether the process serves, and whether it stores.

internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

struct MonitorAPI: Sendable {
    let store: HistoryStore
    /// All figures, and the media type that they are in.
    let metrics: @Sendable () async -> (text: String, type: String)

    func addRoutes(to router: Router<APIContext>) {
        router.get("metrics") { _, _ in
            let (text, type) = await metrics()
            return plain(text, .ok, type: type)
        }
        router.get("healthz") { _, _ in plain("ok\n", .ok) }
        router.get("readyz") { _, _ in readiness }
    }

    /// Devices are still served while the database takes no writes, but a load balancer should prefer another collector.
    var readiness: Response {
        if let cause = store.pause.cause { return notReady("the database takes no writes: \(cause)") }
        if let cause = store.damage.cause { return notReady("the database can't be used: \(cause)") }
        // Every ten seconds something is written, whatever devices do.
        let age = store.commits.lastSuccess.age
        if age > .seconds(30) {
            return notReady("nothing has been written for \(age.nanoseconds / 1_000_000_000) s")
        }
        let lead = store.clock.lead
        let note =
            lead > 3_600_000_000 ? ", but its clock may be wrong: retention waits until it has proven itself" : ""
        return plain("ready\(note)\n", .ok)
    }

    private func notReady(_ why: String) -> Response { plain("\(why)\n", .serviceUnavailable) }

    private func plain(
        _ text: String, _ status: HTTPResponse.Status, type: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
