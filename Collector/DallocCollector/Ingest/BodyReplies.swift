// SPDX-License-Identifier: Apache-2.0
//
// Replies to a body of frames, until its answer is sent; and how reading the body is stopped.

internal import NIOCore
internal import Synchronization

final class BodyReplies: Sendable {
    private struct State {
        var frames = ByteBuffer()
        var isStopped = false
        var onStop: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    private let areKept: Bool

    /// - Parameter areKept: false where nobody reads them.
    init(areKept: Bool = true) { self.areKept = areKept }

    var frames: ByteBuffer { state.withLock { $0.frames } }

    func append(_ frame: ByteBuffer) {
        guard areKept else { return }
        state.withLock { _ = $0.frames.writeImmutableBuffer(frame) }
    }

    /// `stop` is called when nothing more is to be read; at once when it was said already.
    func onStop(_ stop: @escaping @Sendable () -> Void) {
        let isStopped = state.withLock { state in
            state.onStop = stop
            return state.isStopped
        }
        if isStopped { stop() }
    }

    func stop() {
        let stop = state.withLock { state in
            state.isStopped = true
            return state.onStop
        }
        stop?()
    }
}
