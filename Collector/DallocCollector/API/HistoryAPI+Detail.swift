// SPDX-License-Identifier: Apache-2.0
//
// How much a device is to tell of its heaps: asked, and said.

internal import Foundation
internal import HTTPTypes
internal import HeapHistory
internal import Hummingbird
internal import NIOCore

extension HistoryAPI {
    /// The last part of the path /v1/devices/….
    static let detail = "detail"
    private static let path: RouterPath = "v1/devices/:device/detail"

    func addDetailRoutes(to router: Router<APIContext>) {
        router.get(Self.path) { request, context in
            await response(context) {
                let device = try Parameters(request, context).device
                guard store.knows(device) else { throw Problem(noDevice: device) }
                return Response(await registry.detail(of: device), .ok)
            }
        }
        router.put(Self.path) { request, context in
            await response(context) {
                let device = try Parameters(request, context).device
                try Self.expectLocal(context, "The detail is set")
                guard request.headers[.contentType]?.hasPrefix("application/json") == true else {
                    return Response(
                        Problem(
                            .badRequest, "The body is not said to be JSON.",
                            hint: "Send `Content-Type: application/json`."), .unsupportedMediaType)
                }
                return try await set(wish(in: request), of: device)
            }
        }
    }

    private func set(_ wish: DetailWish, of device: String) async throws -> Response {
        guard store.knows(device) else { throw Problem(noDevice: device) }
        if wish.detail != nil, await !registry.mayBeTold(device) {
            throw Problem(
                .unsupported,
                "The device \(device) tells every operation and nothing else: its HELLO does not offer summaries.",
                hint: "Give it an agent that has them; docs/operating.md, \"Metered links\", says which.")
        }
        try await store.want(wish.detail, of: device)
        await registry.tellDetail(to: device)
        return Response(await registry.detail(of: device), .ok)
    }

    private func wish(in request: Request) async throws -> DetailWish {
        let bytes = try await withThrowingTaskGroup(of: ByteBuffer.self) { group in
            group.addTask { try await request.body.collect(upTo: APILimits.wish) }
            group.addTask {
                try await Task.sleep(for: .seconds(APILimits.wishTimeout))
                throw Problem(.badRequest, "The body did not come to its end.", hint: "Send it whole.")
            }
            defer { group.cancelAll() }
            return try await group.next() ?? ByteBuffer()
        }
        guard let wish = try? HistoryCoding.decoder().decode(DetailWish.self, from: Data(bytes.readableBytesView))
        else {
            throw Problem(
                .badRequest, "The body says no detail.",
                hint: #"Send {"detail": "summary"}, {"detail": "full"} or {"detail": null}."#)
        }
        return wish
    }
}
