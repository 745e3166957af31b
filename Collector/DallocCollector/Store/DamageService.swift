// SPDX-License-Identifier: Apache-2.0
//
// Ends the collector when its database turns out to be damaged, or its files go: what starts it again finds a sound one.

internal import ServiceLifecycle

struct DamageService: Service {
    let store: HistoryStore

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if let failure { throw failure }
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    /// Looks at the files as well: where nobody writes, nobody else notices that they are gone.
    var failure: StartFailure? {
        store.commits.lookAtFiles()
        guard let cause = store.damage.cause else { return nil }
        return StartFailure(
            kind: .database,
            description:
                "The database \(store.path) can't be used any more: \(cause). Started again, the collector "
                + "sets aside what is damaged, and begins a new one where there is none; "
                + "`dalloc-collector check` tells what can still be read.")
    }
}
