// SPDX-License-Identifier: Apache-2.0
//
// Looks at the clock every second, and writes down every ten that all is well: a commit that succeeds is what readiness rests on.

internal import Logging
internal import NIOCore
internal import ServiceLifecycle

struct LedgerService: Service {
    let store: HistoryStore

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var last = NIODeadline.now()
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                do {
                    try await store.lookAtClock()
                    guard NIODeadline.now() - last >= .seconds(10) else { continue }
                    last = .now()
                    try await store.writeLedger()
                } catch {
                    store.damage.note(error)
                    store.logger.debug("the ledger was not written", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
