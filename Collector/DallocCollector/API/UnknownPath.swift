// A path that the API does not have is answered like every other question without an answer: with a ``Problem``.

internal import HTTPTypes
internal import HeapHistory
internal import Hummingbird

struct UnknownPath: RouterMiddleware {
    typealias Context = BasicRequestContext

    let answer: @Sendable (Problem) -> Response

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            return answer(
                Problem(
                    .notFound, "There is nothing at \(request.uri.path).", hint: "schema/openapi.yaml lists the paths.")
            )
        }
    }
}
