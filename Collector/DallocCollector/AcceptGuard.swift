// Keeps a descriptor in hand for the moment when there are no more. A connection that can't be accepted would be tried again at once and
// for ever, at the cost of a core: with the one in hand it is accepted, and closed.

internal import Glibc
internal import NIOCore

final class AcceptGuard: ChannelInboundHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel

    private var spare = AcceptGuard.open()
    /// The next connection has the spare descriptor.
    private var isShort = false

    deinit { Glibc.close(spare) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? IOError, error.errnoCode == EMFILE || error.errnoCode == ENFILE {
            if spare >= 0 {
                Glibc.close(spare)
                (spare, isShort) = (-1, true)
            } else {
                // Somebody else was faster. There is nothing to do but to wait.
                usleep(5000)
                spare = Self.open()
            }
        }
        context.fireErrorCaught(error)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard isShort else { return context.fireChannelRead(data) }
        isShort = false
        unwrapInboundIn(data).close(promise: nil)
        spare = Self.open()
    }

    private static func open() -> Int32 { Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC) }
}
