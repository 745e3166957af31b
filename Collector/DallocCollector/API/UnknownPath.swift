// SPDX-License-Identifier: Apache-2.0
//
// Unknown paths, and unknown methods on known paths, are answered with a ``Problem`` like every other question that
// fails.

internal import HTTPTypes
internal import HeapHistory
internal import Hummingbird

struct UnknownPath: RouterMiddleware {
    typealias Context = APIContext

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            let methods = Self.methods(request.uri.path)
            guard methods.isEmpty else { return Self.wrongMethod(request, methods) }
            return Response(
                Problem(
                    .notFound, "There is nothing at \(request.uri.path).", hint: "schema/openapi.yaml lists the paths.")
            )
        }
    }

    private static func wrongMethod(_ request: Request, _ methods: String) -> Response {
        Response(
            Problem(
                .badRequest, "\(request.method.rawValue) can't be done with \(request.uri.path).",
                hint: "It takes \(methods)."),
            .methodNotAllowed, headers: [.allow: methods])
    }

    /// What can be done with a path; empty when there is no such path.
    private static func methods(_ path: String) -> String {
        let parts = path.split(separator: "/")
        switch parts.count {
        case 1 where ["metrics", "healthz", "readyz"].contains(parts[0]): return "GET, HEAD"
        case 2 where parts[0] == "metrics" && parts[1] == "fleet": return "GET, HEAD"
        case 2 where parts[0] == "v1" && parts[1] == "devices": return "GET, HEAD"
        case 2 where parts[0] == "v1" && parts[1] == "ingest": return "POST"
        case 2 where parts[0] == "v1" && HistoryAPI.questionsAboutTheFleet.contains(String(parts[1])):
            return "GET, HEAD"
        case 3 where parts[0] == "v1" && parts[1] == "devices": return "DELETE"
        case 4 where parts[0] == "v1" && parts[1] == "devices":
            if parts[3] == "labels" { return "PUT" }
            if parts[3] == HistoryAPI.detail { return "GET, HEAD, PUT" }
            return HistoryAPI.questionsAboutADevice.contains(String(parts[3])) ? "GET, HEAD" : ""
        case 5 where parts[0] == "v1" && parts[1] == "devices" && parts[3] == "blocks": return "GET, HEAD"
        default: return ""
        }
    }
}
