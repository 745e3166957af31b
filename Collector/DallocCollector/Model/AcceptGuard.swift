// SPDX-License-Identifier: Apache-2.0
//
// Keeps descriptors free, whoever connects. They must never run out: libdispatch opens a file in /proc for each of its threads every second,
// and ends the process when it can't; SQLite opens files when it likes. And a connection that can't be accepted would be tried again at once
// and for ever, at the cost of a core: NIO pauses its reads for a second then, but goes on polling.

internal import Glibc
internal import NIOCore

final class AcceptGuard: ChannelInboundHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel

    /// Stays free for others than connections.
    private static let kept: Int32 = 24

    /// Descriptors from this one on are not for connections. The system gives the lowest that is free, so its number tells how many are used.
    private let first: Int32
    /// In hand for the moment when there is no other: the next connection takes it, and is closed.
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
            // Somebody else was faster. There is nothing to do but to wait.
            usleep(5000)
            return
        }
        close(spare)
        (spare, hasNoSpare) = (-1, true)
    }
}
