// SPDX-License-Identifier: Apache-2.0
//
// Gathers when it is time, as long as the collector runs.

internal import Logging
internal import ServiceLifecycle

struct GathererService: Service {
    let gatherer: Gatherer
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                // Without room, retention gathers in its own way.
                guard gatherer.isDue, gatherer.store.pause.cause == nil, !Task.isCancelled else { continue }
                do {
                    try await gatherer.gather()
                } catch is CancellationError {
                    return
                } catch {
                    gatherer.store.damage.note(error)
                    logger.error("frames could not be gathered", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
