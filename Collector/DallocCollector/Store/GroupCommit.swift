// Commits what many connections bring, together: while one transaction is being written, the next one gathers. A caller returns when
// its own changes are on disk, so waiting for it is the backpressure.

internal import GRDB
internal import Logging

actor GroupCommit {
    typealias Change = @Sendable (Database) throws -> Void

    private enum Turn: Sendable {
        case done(Result<Void, any Error>)
        /// The caller writes the next transaction, for itself and those who came after it.
        case lead(followers: [Waiter])
    }

    private struct Waiter: Sendable {
        let change: Change
        let continuation: CheckedContinuation<Turn, Never>
    }

    private let store: HistoryStore
    private var waiting: [Waiter] = []
    private var isWriting = false

    init(store: HistoryStore) {
        self.store = store
    }

    /// Returns when `change` is on disk. Throws when it could not be written; other callers' changes are not affected.
    func commit(_ change: @escaping Change) async throws {
        guard isWriting else {
            isWriting = true
            return try await lead(change, followers: [])
        }
        let turn = await withCheckedContinuation { waiting.append(Waiter(change: change, continuation: $0)) }
        switch turn {
        case .done(let result): try result.get()
        case .lead(let followers): try await lead(change, followers: followers)
        }
    }

    private func lead(_ change: @escaping Change, followers: [Waiter]) async throws {
        let all = [change] + followers.map(\.change)
        var results = [await write(all)]
        if case .failure = results[0], !followers.isEmpty {
            // One bad change must not take the others with it.
            results = []
            for change in all { results.append(await write([change])) }
        } else {
            results = Array(repeating: results[0], count: all.count)
        }
        passOn()
        for (follower, result) in zip(followers, results.dropFirst()) {
            follower.continuation.resume(returning: .done(result))
        }
        try results[0].get()
    }

    private func passOn() {
        guard !waiting.isEmpty else {
            isWriting = false
            return
        }
        let next = waiting.removeFirst()
        let followers = waiting
        waiting = []
        next.continuation.resume(returning: .lead(followers: followers))
    }

    private func write(_ changes: [Change]) async -> Result<Void, any Error> {
        let pool = store.pool
        // A task of its own: when the leading connection is cancelled, its followers' changes are still written.
        return await Task {
            try await pool.write { db in
                for change in changes { try change(db) }
            }
        }.result
    }
}
