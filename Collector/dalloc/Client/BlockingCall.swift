// SPDX-License-Identifier: Apache-2.0
//
// Runs what blocks on a thread of its own, so that a task can wait for it, and stop waiting.

import Foundation
import Synchronization

enum BlockingCall {
    /// The result of `body`. When the task is cancelled first it throws CancellationError at once; the thread then
    /// ends whenever `body` does, and nobody hears of it.
    static func run<Success: Sendable>(_ body: @escaping @Sendable () throws -> Success) async throws -> Success {
        let outcome = Outcome<Success>()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                outcome.wait(continuation)
                Thread.detachNewThread { outcome.set(Result { try body() }) }
            }
        } onCancel: {
            outcome.set(.failure(CancellationError()))
        }
    }

    /// The first result that is set goes to the one who waits, whichever of the two comes first.
    private final class Outcome<Success: Sendable>: Sendable {
        private enum State {
            case nothing
            case waiting(CheckedContinuation<Success, any Error>)
            case set(Result<Success, any Error>)
            case over
        }

        private let state = Mutex(State.nothing)

        func wait(_ continuation: CheckedContinuation<Success, any Error>) {
            let result = state.withLock { state -> Result<Success, any Error>? in
                if case .set(let result) = state {
                    state = .over
                    return result
                }
                state = .waiting(continuation)
                return nil
            }
            if let result { continuation.resume(with: result) }
        }

        func set(_ result: Result<Success, any Error>) {
            let waiting = state.withLock { state -> CheckedContinuation<Success, any Error>? in
                switch state {
                case .nothing: state = .set(result)
                case .waiting(let continuation):
                    state = .over
                    return continuation
                case .set, .over: break
                }
                return nil
            }
            waiting?.resume(with: result)
        }
    }
}
