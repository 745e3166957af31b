// SPDX-License-Identifier: Apache-2.0
//
// Keeps some file descriptors free. They must never run out: libdispatch opens a file in /proc for each of its threads every second,
// and ends the process when it can't. SQLite opens files at any time. And NIO would try at once, and for ever, to accept a connection that
// can't be accepted, at the cost of a core: it pauses its reads for a second, but goes on polling.

internal import Glibc
internal import NIOCore

final class AcceptGuard: ChannelInboundHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel

    /// Descriptors that connections may not use.
    private static let kept: Int32 = 24

    /// Connections may not use descriptors from this one on. The system gives the lowest free number, so a number tells how many are used.
    private let first: Int32
    /// A spare, for the moment when there is no other: the next connection takes it, and is closed.
    private var spare = open("/dev/null", O_RDONLY | O_CLOEXEC)
    private var hasNoSpare = false

    /// - Parameter files: how many descriptors the process may have.
    init(files: Int = ProcessLimits.descriptors) {
        let files = Int32(clamping: files)
        first = files - min(Self.kept, files / 4)
    }

    deinit { close(spare) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasNoSpare else {
            unwrapInboundIn(data).close(promise: nil)
            spare = open("/dev/null", O_RDONLY | O_CLOEXEC)
            hasNoSpare = spare < 0
            return
        }
        let next = dup(spare)
        if next >= 0 { close(next) }
        if next >= 0, next < first {
            context.fireChannelRead(data)
        } else {
            unwrapInboundIn(data).close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let failure = error as? IOError, failure.errnoCode == EMFILE || failure.errnoCode == ENFILE else {
            return context.fireErrorCaught(error)
        }
        guard !hasNoSpare else {
            // Another thread took it first. All that remains is to wait.
            usleep(5000)
            return
        }
        close(spare)
        (spare, hasNoSpare) = (-1, true)
    }
}
