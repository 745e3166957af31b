// SPDX-License-Identifier: Apache-2.0
//
// Pauses writes while the disk is full or fails. All writers wait, and try again.

internal import GRDB
internal import Logging
internal import NIOCore
internal import Synchronization

final class WritePause: Sendable {
    private struct State {
        var cause: String?
        var attempts = 0
        var lastFailure: NIODeadline?
        var isOver = false
        /// Writes of frames that were given up because the collector stops.
        var givenUp = 0
    }

    /// How long writes must succeed until the pause is over: a disk that is nearly full takes one now and then.
    private static let calm = TimeAmount.seconds(10)

    private let state = Mutex(State())
    private let reserve: DiskReserve
    private let logger: Logger

    init(reserve: DiskReserve, logger: Logger) {
        (self.reserve, self.logger) = (reserve, logger)
    }

    /// Why nothing is written at present, or was not until a moment ago; nil when all is well.
    var cause: String? { state.withLock { $0.cause } }

    /// Ends all waits: the collector stops, and what is not on disk stays unacknowledged.
    func stop() { state.withLock { $0.isOver = true } }

    /// Writes of frames that were given up: devices still have them.
    var givenUp: Int { state.withLock { $0.givenUp } }

    /// Returns true when a write that failed with this error is to be tried again.
    func wait(after error: any Error) async -> Bool {
        guard let error = error as? DatabaseError, Self.isPassing(error) else { return false }
        let words = error.message ?? "\(error.resultCode)"
        let (attempts, isNews) = state.withLock { state in
            let isNews = state.cause == nil
            (state.cause, state.lastFailure) = (words, .now())
            state.attempts = min(state.attempts + 1, 1000)
            return (state.attempts, isNews)
        }
        if isNews {
            logger.error(
                "the database takes no writes: devices keep what they have until it does",
                metadata: ["error": "\(words)"])
        }
        if error.resultCode == .SQLITE_FULL || reserve.isDiskFull() { reserve.release() }
        repeat {
            if isOver { return false }
            // A task of its own: a cancelled sleep returns at once, and the loop would spin. Others wait for this
            // write too.
            await Task { try? await Task.sleep(for: .milliseconds(min(100 << min(attempts, 6), 1000))) }.value
        } while !reserve.isReady() && !isOver
        return !isOver
    }

    private var isOver: Bool { state.withLock { $0.isOver } }

    /// Frames were not stored, and not acknowledged: the collector stops.
    func noteGivenUp() { state.withLock { $0.givenUp += $0.isOver ? 1 : 0 } }

    /// A write succeeded.
    func end() {
        let isOver = state.withLock { state in
            guard state.cause != nil else { return false }
            state.attempts = 0
            if let last = state.lastFailure, NIODeadline.now() - last < Self.calm { return false }
            state.cause = nil
            return true
        }
        if isOver { logger.notice("the database takes writes again") }
    }

    /// True for a failure that may pass. Damage never does.
    static func isPassing(_ error: DatabaseError) -> Bool {
        if Damage.isDamage(error) { return false }
        return switch error.resultCode {
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_BUSY, .SQLITE_NOMEM, .SQLITE_CANTOPEN: true
        default: false
        }
    }
}
