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
                guard gatherer.isDue, !Task.isCancelled else { continue }
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
