// SPDX-License-Identifier: Apache-2.0
//
// Carries bytes and time between a line and its diagnosis. All of it runs on the channel's event loop.

internal import Foundation
internal import NIOCore

final class LineDoctorHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Somebody has seen enough.
    struct Stop: Sendable {}

    private var diagnosis: LineDiagnosis
    private let outcome: EventLoopPromise<LineReport>
    private let tune: (UInt32) -> Bool
    private let progress: (LineProgress) -> Void
    private let begun = NIODeadline.now()
    private var ticking: RepeatedTask?
    private var isOver = false

    private static let interval = TimeAmount.milliseconds(50)

    init(
        _ plan: LineDiagnosis.Plan, outcome: EventLoopPromise<LineReport>, tune: @escaping (UInt32) -> Bool,
        progress: @escaping (LineProgress) -> Void
    ) {
        (diagnosis, self.outcome, self.tune, self.progress) = (LineDiagnosis(plan), outcome, tune, progress)
    }

    /// Milliseconds since the beginning.
    private var now: Int { Int(clamping: (NIODeadline.now() - begun).nanoseconds / 1_000_000) }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        ticking = context.eventLoop.scheduleRepeatedTask(initialDelay: Self.interval, delay: Self.interval) { _ in
            let (handler, context) = bound.value
            handler.tick(context)
        }
    }

    private func tick(_ context: ChannelHandlerContext) {
        act(on: diagnosis.wait(until: now), context)
        progress(
            LineProgress(
                baud: diagnosis.rate, bytes: diagnosis.bytes, frames: diagnosis.sound, milliseconds: now))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        act(on: diagnosis.take(unwrapInboundIn(data), at: now), context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is Stop else { return context.fireUserInboundEventTriggered(event) }
        _ = diagnosis.wait(until: now)
        act(on: diagnosis.stop(), context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        act(
            on: diagnosis.lineEnded((error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"),
            context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        act(on: diagnosis.lineEnded("the other end hung up"), context)
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    private func act(on actions: [LineDiagnosis.Action], _ context: ChannelHandlerContext) {
        var rest = actions[...]
        while let action = rest.popFirst() {
            switch action {
            // A peer that does not read gets no replies, so that they take no memory.
            case .send(let bytes) where context.channel.isWritable:
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
            case .send: break
            case .tune(let baud):
                if !tune(baud) { rest += diagnosis.cannotTune() }
            case .end: end()
            }
        }
    }

    private func end() {
        guard !isOver else { return }
        isOver = true
        ticking?.cancel()
        outcome.succeed(diagnosis.report)
    }
}
