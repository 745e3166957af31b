// SPDX-License-Identifier: Apache-2.0
//
// An open connection to the API: what its client does, and what it waits for.

internal import HeapHistory
internal import NIOCore
internal import Synchronization

final class APIConnection: Sendable {
    fileprivate struct State {
        /// Since when there was no request under way.
        var waitsSince = NIODeadline.now()
        /// Since when part of a request is there.
        var headSince: NIODeadline?
        /// Of that part.
        var headBytes = 0
        /// The rest of the request is a body, which has limits of its own.
        var isInBody = false
        /// Requests that have no complete answer yet.
        var requests = 0
        /// Pieces of answers that are not sent yet, and when the last one was.
        var writes = 0
        var lastWrite = NIODeadline.now()
        /// Since when there have been some, how long there were some before that, and how many bytes were sent: of all answers since the
        /// client had none to read.
        var writesSince = NIODeadline.now()
        var waited = TimeAmount.zero
        var sent = 0
        var isCut = false
        var inputClosed: NIODeadline?
        var isGone = false
        var onGone: (@Sendable () -> Void)?
    }

    let channel: any Channel
    /// There are too many connections: its request is answered with 503.
    let isSurplus: Bool
    private let state = Mutex(State())

    init(_ channel: any Channel, isSurplus: Bool) {
        (self.channel, self.isSurplus) = (channel, isSurplus)
    }

    // MARK: What its client does

    /// Bytes have come. Returns how many of the next request's head there are.
    func receive(_ bytes: Int) -> Int {
        state.withLock { state in
            if state.isInBody { return 0 }
            if state.headSince == nil { state.headSince = .now() }
            state.headBytes += bytes
            return state.headBytes
        }
    }

    /// A request is complete.
    func beginRequest() {
        state.withLock { state in
            if state.requests == 0, state.writes == 0 { (state.waited, state.sent) = (.zero, 0) }
            state.requests += 1
            (state.headSince, state.headBytes) = (nil, 0)
        }
    }

    /// A request has begun whose body is taken.
    func beginBody() { state.withLock { $0.isInBody = true } }
    /// What comes from now on is another request.
    func endBody() { state.withLock { $0.isInBody = false } }

    /// Its answer is.
    func endRequest() {
        state.withLock { state in
            state.requests = max(0, state.requests - 1)
            if state.requests == 0 { state.waitsSince = .now() }
        }
    }

    /// A piece of an answer is to be sent.
    func beginWrite(at now: NIODeadline = .now()) {
        state.withLock { state in
            if state.writes == 0 { (state.lastWrite, state.writesSince) = (now, now) }
            state.writes += 1
        }
    }

    /// The piece was sent, or never will be.
    func endWrite(bytes: Int, at now: NIODeadline = .now()) {
        state.withLock { state in
            state.writes -= 1
            state.lastWrite = now
            // A connection would have to stand for centuries until this overflows.
            state.sent += bytes
            if state.writes == 0 { state.waited = state.waited + (now - state.writesSince) }
        }
    }

    /// The client sends no more.
    func closeInput() {
        state.withLock { state in
            if state.inputClosed == nil { state.inputClosed = .now() }
        }
    }

    /// The connection is closed.
    func leave() {
        let onGone = state.withLock { state in
            state.isGone = true
            defer { state.onGone = nil }
            return state.onGone
        }
        onGone?()
    }

    // MARK: What others want to know

    /// `onGone` is called when the client goes before ``stopWatching()``; at once when it has gone.
    func watch(_ onGone: @escaping @Sendable () -> Void) {
        let isGone = state.withLock { state in
            if !state.isGone { state.onGone = onGone }
            return state.isGone
        }
        if isGone { onGone() }
    }

    func stopWatching() {
        state.withLock { $0.onGone = nil }
    }

    /// No request is under way.
    var isWaiting: Bool { state.withLock { $0.requests == 0 && $0.writes == 0 } }
    /// Since when it has waited for one.
    var waitsSince: NIODeadline { state.withLock { $0.waitsSince } }
    /// Its client closed its side a while ago, and is taken for gone.
    func hasLeft(at now: NIODeadline) -> Bool {
        state.withLock { state in
            state.inputClosed.map { now - $0 > .seconds(APILimits.farewell) } ?? false
        }
    }

    /// Why it is to be ended; nil when it may go on. Says so once.
    func end(at now: NIODeadline, _ limits: APILimits) -> APIMetrics.Cut? {
        state.withLock { state in
            guard !state.isCut, let end = state.end(at: now, limits) else { return nil }
            state.isCut = true
            return end
        }
    }
}

extension APIConnection.State {
    fileprivate func end(at now: NIODeadline, _ limits: APILimits) -> APIMetrics.Cut? {
        if writes > 0 {
            if now - lastWrite > .seconds(limits.unreadTimeout) { return .unread }
            // A client that reads a little again and again would keep an answer in memory for hours.
            let due = Int64(sent / APILimits.slowestReading)
            if waited + (now - writesSince) > .seconds(limits.unreadTimeout.addingClamped(due)) { return .unread }
        }
        guard requests == 0, writes == 0 else { return nil }
        if let since = headSince, now - since > .seconds(limits.headTimeout) { return .slowRequest }
        return now - waitsSince > .seconds(limits.idleTimeout) ? .idle : nil
    }
}
