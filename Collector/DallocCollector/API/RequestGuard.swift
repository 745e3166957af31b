// SPDX-License-Identifier: Apache-2.0
//
// Looks at requests before they are answered: whom they name as their host, and whether they have a body. No question has one; only frames
// are taken in one, and what is wanted of a device.

internal import Foundation
internal import HeapHistory
internal import NIOCore
internal import NIOHTTP1

final class RequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let line: LineGuard
    private let names: HostNames
    private let limits: APILimits
    private var (bodyBytes, mostBytes) = (0, 0)

    init(_ line: LineGuard, names: HostNames, limits: APILimits) {
        (self.line, self.names, self.limits) = (line, names, limits)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !line.isOver else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            line.connection.beginRequest()
            check(head)
        case .body(let bytes):
            bodyBytes += bytes.readableBytes
            if bodyBytes > mostBytes { refuseLongBody() }
        case .end: line.connection.endBody()
        }
        if !line.isOver { context.fireChannelRead(data) }
    }

    private func check(_ head: HTTPRequestHead) {
        if line.connection.isSurplus {
            return line.refuse(
                .overloaded, "503 Service Unavailable", "All connections to the API are busy.",
                hint: "Ask again in a moment, or let the collector have more: `--max-api-connections`.", retryAfter: 2)
        }
        let hosts = head.headers["host"]
        guard hosts.count == 1 || hosts.isEmpty && head.version != .http1_1 else {
            return line.refuse(
                .badRequest, "400 Bad Request", "The request does not name its host.", hint: "Send one Host header.")
        }
        // An absolute address stands above the header.
        let asked = hosts + (Self.host(in: head.uri).map { [$0] } ?? [])
        if let stranger = asked.first(where: { !names.allows($0) }) {
            return line.refuse(
                .badRequest, "421 Misdirected Request", "The API is not to be asked as \(stranger.prefix(255)).",
                hint: "Ask it by its address, or allow the name: `dalloc-collector serve --api-host NAME`.")
        }
        let path = Self.path(in: head.uri)
        if head.method == .POST, path == IngestAPI.path { return checkFrames(head) }
        if head.method == .PUT, path.hasSuffix("/" + HistoryAPI.detail) { return beginBody(head, APILimits.wish) }
        let length = head.headers["content-length"].first ?? "0"
        guard length == "0", head.headers["transfer-encoding"].isEmpty else {
            return line.refuse(
                .badRequest, "413 Content Too Large", "The request has a body.", hint: "Send it without one.")
        }
    }

    private func checkFrames(_ head: HTTPRequestHead) {
        guard limits.takesFrames else {
            return line.refuse(
                .badRequest, "403 Forbidden", "This collector takes no frames over its API.",
                hint: "Start it so: `dalloc-collector serve --api-ingest`.")
        }
        beginBody(head, APILimits.body)
    }

    private func beginBody(_ head: HTTPRequestHead, _ most: Int) {
        (bodyBytes, mostBytes) = (0, most)
        if Int(head.headers["content-length"].first ?? "0") ?? .max > most { return refuseLongBody() }
        line.connection.beginBody()
    }

    private func refuseLongBody() {
        line.refuse(
            .badRequest, "413 Content Too Large", "The body has more than \(mostBytes) bytes.",
            hint: mostBytes == APILimits.wish
                ? "Send no more than schema/openapi.yaml describes."
                : "Send it in parts, each with HELLO first. What came of it is stored, and is not stored twice.")
    }

    /// Without what stands before and after it.
    private static func path(in uri: String) -> Substring {
        let rest = uri.range(of: "://").map { uri[$0.upperBound...].drop { $0 != "/" } } ?? uri[...]
        return rest.prefix { $0 != "?" && $0 != "#" }
    }

    /// `http://HOST/PATH`
    private static func host(in uri: String) -> String? {
        guard !uri.hasPrefix("/"), let scheme = uri.range(of: "://") else { return nil }
        let host = uri[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        return String(host[(host.lastIndex(of: "@").map(host.index(after:)) ?? host.startIndex)...])
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part = unwrapOutboundIn(data)
        context.write(data, promise: promise)
        if case .end = part { line.connection.endRequest() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, line.connection.isWaiting else { return context.fireErrorCaught(error) }
        line.refuse(
            .badRequest, "400 Bad Request", "The request can't be read.", hint: "Send a request of HTTP/1.1.")
    }
}
