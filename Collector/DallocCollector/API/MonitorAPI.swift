// What monitoring and orchestration ask: figures, whether the process serves, and whether it stores.

internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

struct MonitorAPI: Sendable {
    let report: MetricsReport
    let pause: WritePause

    func addRoutes(to router: Router<APIContext>) {
        router.get("metrics") { _, _ in
            plain(PrometheusText.render(await report.families()), .ok, type: PrometheusText.contentType)
        }
        router.get("healthz") { _, _ in plain("ok\n", .ok) }
        router.get("readyz") { _, _ in readiness }
    }

    /// Devices are still served while the database takes no writes, but whoever has another collector should prefer that.
    var readiness: Response {
        guard let cause = pause.cause else { return plain("ready\n", .ok) }
        return plain("the database takes no writes: \(cause)\n", .serviceUnavailable)
    }

    private func plain(
        _ text: String, _ status: HTTPResponse.Status, type: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
