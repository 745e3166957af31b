// Retention as long as the collector runs.

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
            do {
                try await retention.sweep(at: .now) { try await Task.sleep(for: .milliseconds(20)) }
            } catch is CancellationError {
                return
            } catch {
                logger.error("what is too old could not be removed", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: .seconds(60))
        }
    }
}
