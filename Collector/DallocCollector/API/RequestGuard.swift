// SPDX-License-Identifier: Apache-2.0
//
// Looks at requests before they are answered: whom they name as their host, and whether they have a body, which no question has.

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

    init(_ line: LineGuard, names: HostNames) {
        (self.line, self.names) = (line, names)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !line.isOver else { return }
        if case .head(let head) = unwrapInboundIn(data) {
            line.connection.beginRequest()
            check(head)
            if line.isOver { return }
        }
        context.fireChannelRead(data)
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
        let length = head.headers["content-length"].first ?? "0"
        guard length == "0", head.headers["transfer-encoding"].isEmpty else {
            return line.refuse(
                .badRequest, "413 Content Too Large", "The request has a body.", hint: "Send it without one.")
        }
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
