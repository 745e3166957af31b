// SPDX-License-Identifier: Apache-2.0
//
// Gathers when it is time, as long as the collector runs.

internal import Logging
internal import ServiceLifecycle

struct ChunkWriterService: Service {
    let chunkWriter: ChunkWriter
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                // Without room, retention gathers in its own way.
                guard chunkWriter.isDue, chunkWriter.store.pause.cause == nil, !Task.isCancelled else { continue }
                do {
                    try await chunkWriter.gather()
                } catch is CancellationError {
                    return
                } catch {
                    chunkWriter.store.damage.note(error)
                    logger.error("frames could not be gathered", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
