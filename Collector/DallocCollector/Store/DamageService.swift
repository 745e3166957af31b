// Ends the collector when its database turns out to be damaged: what starts it again finds a sound one.

internal import ServiceLifecycle

struct DamageService: Service {
    let damage: Damage
    let path: String

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if let cause = damage.cause {
                    throw StartFailure(
                        kind: .database,
                        description:
                            "The database \(path) can't be used any more: \(cause). Started again, the collector "
                            + "sets aside what is damaged, and begins a new one where there is none; "
                            + "`dalloc-collector check` tells what can still be read.")
                }
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }
}
