// SPDX-License-Identifier: Apache-2.0
//
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
            // Ends waits for a full disk.
            retention.store.pause.stop()
        }
    }

    private func sweepAlways() async {
        let store = retention.store
        store.reserve.keep()
        while !Task.isCancelled {
            let isPaused = store.pause.cause != nil
            do {
                if isPaused {
                    try await makeRoom()
                } else {
                    try await retention.sweep(at: store.clock.trusted) { try await Task.sleep(for: .milliseconds(20)) }
                }
            } catch is CancellationError {
                return
            } catch {
                store.damage.note(error)
                if !isPaused { logger.error("what is too old could not be removed", metadata: ["error": "\(error)"]) }
            }
            if isPaused { store.reserve.take() }
            await rest()
        }
    }

    /// Runs on a full disk, in the space of the reserve.
    private func makeRoom() async throws {
        let store = retention.store
        try await store.emptyLog()
        try await retention.sweep(at: store.clock.trusted) {}
        // Retention takes only what is gathered.
        try await ChunkWriter(store: store).gather(room: 2_097_152)
        try await retention.sweep(at: store.clock.trusted) {}
        try await store.emptyLog()
    }

    /// Waits a minute, or until a write needs room.
    private func rest() async {
        let end = ContinuousClock.now + .seconds(60)
        repeat {
            try? await Task.sleep(for: .seconds(1))
        } while ContinuousClock.now < end && !Task.isCancelled && retention.store.pause.cause == nil
    }
}
