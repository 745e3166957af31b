// SPDX-License-Identifier: Apache-2.0
//
// Looks at the bytes of a connection to the API before HTTP does. What can't be HTTP, an agent's frames or a TLS hello, is refused at its
// first bytes. A request's head is limited, and every piece of an answer is counted until it is sent.

internal import HeapHistory
internal import NIOCore

final class LineGuard: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let connection: APIConnection
    private var start = RequestStart()
    private var context: ChannelHandlerContext?
    /// It was refused: nothing is read or sent any more.
    private(set) var isOver = false

    init(_ connection: APIConnection) { self.connection = connection }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        let bytes = unwrapInboundIn(data)
        if start.refuses(bytes) {
            refuse(
                .badRequest, "400 Bad Request",
                "This is no HTTP request.",
                hint: "This is the collector's API; devices connect to the address of `--listen`.")
        } else if connection.receive(bytes.readableBytes) > APILimits.head {
            refuse(
                .badRequest, "431 Request Header Fields Too Large",
                "The request's head has more than \(APILimits.head) bytes.", hint: "Leave headers away.")
        } else {
            context.fireChannelRead(data)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isOver else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        connection.beginWrite()
        let promise = promise ?? context.eventLoop.makePromise()
        let connection = connection
        let bytes = unwrapOutboundIn(data).readableBytes
        promise.futureResult.whenComplete { _ in connection.endWrite(bytes: bytes) }
        context.write(data, promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.leave()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent { connection.closeInput() }
        context.fireUserInboundEventTriggered(event)
    }

    /// Answers with a ``Problem`` and closes.
    /// - Parameter retryAfter: seconds.
    func refuse(
        _ code: Problem.Code, _ status: String, _ message: String, hint: String, retryAfter: Int? = nil
    ) {
        guard !isOver, let context else { return }
        isOver = true
        var json = JSONWriter()
        Problem(code, message, hint: hint).write(to: &json)
        let body = json.takeBuffer()
        var answer = ByteBuffer(
            string: "HTTP/1.1 \(status)\r\nContent-Type: application/json; charset=utf-8\r\n"
                + (retryAfter.map { "Retry-After: \($0)\r\n" } ?? "")
                + "Content-Length: \(body.readableBytes)\r\nConnection: close\r\n\r\n")
        answer.writeImmutableBuffer(body)
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(answer)).whenComplete { _ in channel.close(promise: nil) }
    }
}

/// Whether the first bytes of a connection can be those of a request: a method in capitals, and a space.
private struct RequestStart {
    private var letters = 0
    private var isRequest = false

    mutating func refuses(_ bytes: ByteBuffer) -> Bool {
        if isRequest { return false }
        for byte in bytes.readableBytesView {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z") where letters < 16: letters += 1
            // An empty line before a request is allowed.
            case UInt8(ascii: "\r"), UInt8(ascii: "\n"): if letters > 0 { return true }
            case UInt8(ascii: " "):
                isRequest = letters > 0
                return !isRequest
            default: return true
            }
        }
        return false
    }
}
