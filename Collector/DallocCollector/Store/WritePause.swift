// What happens while the disk takes no writes: it is full, or fails. Everybody waits, and tries again until it does.

internal import GRDB
internal import Logging
internal import Synchronization

final class WritePause: Sendable {
    private struct State {
        var cause: String?
        var attempts = 0
        var isOver = false
    }

    private let state = Mutex(State())
    private let reserve: DiskReserve
    private let logger: Logger

    init(reserve: DiskReserve, logger: Logger) {
        (self.reserve, self.logger) = (reserve, logger)
    }

    /// Why nothing is written at present; nil when all is well.
    var cause: String? { state.withLock { $0.cause } }

    /// Nobody waits any more: the collector stops, and what is not on disk stays unacknowledged.
    func stop() { state.withLock { $0.isOver = true } }

    /// Returns true when a write that failed with this error is to be tried again.
    func wait(after error: any Error) async -> Bool {
        guard let error = error as? DatabaseError, Self.isPassing(error) else { return false }
        let words = error.message ?? "\(error.resultCode)"
        let attempts = state.withLock { state in
            state.cause = words
            state.attempts += 1
            return state.attempts
        }
        if attempts == 1 {
            logger.error(
                "the database takes no writes: devices keep what they have until it does",
                metadata: ["error": "\(words)"])
        }
        if error.resultCode == .SQLITE_FULL { reserve.release() }
        repeat {
            if state.withLock({ $0.isOver }) { return false }
            try? await Task.sleep(for: .milliseconds(min(100 << min(attempts, 6), 5000)))
        } while !reserve.isReady()
        return !state.withLock { $0.isOver }
    }

    /// A write succeeded.
    func end() {
        let wasPaused = state.withLock { state in
            defer { (state.cause, state.attempts) = (nil, 0) }
            return state.cause != nil
        }
        if wasPaused { logger.notice("the database takes writes again") }
    }

    /// What may be otherwise a moment later. A damaged database never is.
    static func isPassing(_ error: DatabaseError) -> Bool {
        switch error.resultCode {
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_BUSY, .SQLITE_NOMEM, .SQLITE_CANTOPEN: true
        default: false
        }
    }
}
