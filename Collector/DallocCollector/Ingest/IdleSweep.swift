// SPDX-License-Identifier: Apache-2.0
//
// Looks for silent connections as long as the collector runs.

internal import NIOCore
internal import ServiceLifecycle

struct IdleSweep: Service {
    let connections: ConnectionTable
    let history: any DeviceHistory
    let log: PeerLog

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                // While nothing is written, nothing is read, so no connection counts as silent: silence counts from the end of the pause.
                if !history.isPaused { connections.closeSilent(at: .now()) } else { connections.hearAll() }
                log.summarise()
            }
        }
        log.summariseAll()
    }
}
