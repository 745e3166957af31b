// Retention as long as the collector runs.

internal import GRDB
internal import HeapHistory
internal import Logging
internal import ServiceLifecycle

struct RetentionService: Service {
    let retention: Retention
    let logger: Logger

    func run() async throws {
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown { await sweepAlways() }
        } onGracefulShutdown: {
            // Who waits for a full disk waits no longer.
            retention.store.pause.stop()
        }
    }

    private func sweepAlways() async {
        while !Task.isCancelled {
            let isPaused = retention.store.pause.cause != nil
            do {
                try await retention.sweep(at: .now) {
                    if !isPaused { try await Task.sleep(for: .milliseconds(20)) }
                }
                // What waits for room gets it from the log too.
                if isPaused {
                    try await retention.store.pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
                }
            } catch is CancellationError {
                return
            } catch {
                retention.store.damage.note(error)
                if !isPaused { logger.error("what is too old could not be removed", metadata: ["error": "\(error)"]) }
            }
            await rest()
        }
    }

    /// A minute, or until somebody waits for room.
    private func rest() async {
        let end = ContinuousClock.now + .seconds(60)
        repeat {
            try? await Task.sleep(for: .seconds(1))
        } while ContinuousClock.now < end && !Task.isCancelled && retention.store.pause.cause == nil
    }
}
