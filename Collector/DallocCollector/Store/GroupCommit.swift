// SPDX-License-Identifier: Apache-2.0
//
// Commits the changes of many connections together: while one transaction is being written, changes collect for the next. A
// call returns when its own change is on disk, so waiting for it is the backpressure.

internal import GRDB
internal import Logging
internal import NIOCore
internal import Synchronization

actor GroupCommit {
    private typealias Change = @Sendable (Database) throws -> Void

    private enum Turn: Sendable {
        case done(Result<Void, any Error>)
        /// The caller writes the next transaction, for itself and those who came after it.
        case lead(followers: [Waiter])
    }

    private struct Waiter: Sendable {
        let change: Change
        let continuation: CheckedContinuation<Turn, Never>
    }

    final class CommitTime: Sendable {
        private let time = Mutex(NIODeadline.now())

        var age: TimeAmount { time.withLock { NIODeadline.now() - $0 } }
        func set(_ now: NIODeadline) { time.withLock { $0 = now } }
    }

    /// The result of a change's last try.
    private final class Outcome<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }

    private let pool: any DatabaseWriter
    private let pause: WritePause
    private let damage: Damage
    private let identity: FileIdentity
    private var waiting: [Waiter] = []
    private var isWriting = false
    /// How long each transaction takes, from its beginning until it is on disk.
    nonisolated let transactions = Histogram(bounds: Histogram.waits)
    /// When a transaction succeeded last.
    nonisolated let lastSuccess = CommitTime()
    /// Changes that wait for the next transaction.
    nonisolated let queued = Counter()

    init(pool: any DatabaseWriter, pause: WritePause, damage: Damage, identity: FileIdentity) {
        (self.pool, self.pause, self.damage, self.identity) = (pool, pause, damage, identity)
    }

    /// Returns when `change` is on disk. Throws when it could not be written; other callers' changes are not affected.
    func commit<Value: Sendable>(_ change: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        let outcome = Outcome<Value>()
        try await write { db in
            let value = try change(db)
            outcome.value.withLock { $0 = value }
        }
        guard let value = outcome.value.withLock({ $0 }) else { throw DatabaseError(message: "nothing was written") }
        return value
    }

    private func write(_ change: @escaping Change) async throws {
        guard isWriting else {
            isWriting = true
            return try await lead(change, followers: [])
        }
        queued.add()
        let turn = await withCheckedContinuation { waiting.append(Waiter(change: change, continuation: $0)) }
        switch turn {
        case .done(let result): try result.get()
        case .lead(let followers): try await lead(change, followers: followers)
        }
    }

    private func lead(_ change: @escaping Change, followers: [Waiter]) async throws {
        let all = [change] + followers.map(\.change)
        var results = [await transact(all)]
        if case .failure = results[0], !followers.isEmpty {
            // One bad change must not take the others with it.
            results = []
            for change in all { results.append(await transact([change])) }
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
        assert(isWriting, "only who writes passes the pen on")
        guard !waiting.isEmpty else {
            isWriting = false
            return
        }
        let next = waiting.removeFirst()
        let followers = waiting
        waiting = []
        queued.add(-(followers.count + 1))
        next.continuation.resume(returning: .lead(followers: followers))
    }

    /// A file of the database that is no longer where it was; nil when all are.
    @discardableResult
    nonisolated func lookAtFiles() -> String? {
        guard let name = identity.missing else { return nil }
        damage.noteGone(name)
        return name
    }

    /// While the disk takes nothing, this waits: nothing is acknowledged meanwhile, and devices keep what they have.
    private func transact(_ changes: [Change]) async -> Result<Void, any Error> {
        while true {
            let pool = pool
            let start = ContinuousClock.now
            // A task of its own: when the leading connection is cancelled, its followers' changes are still written.
            let result = await Task {
                try await pool.write { db in
                    for change in changes { try change(db) }
                }
            }.result
            guard case .failure(let error) = result, await pause.wait(after: error) else {
                switch result {
                case .success:
                    // Written into a file that was removed: it must not be acknowledged.
                    if let name = lookAtFiles() { return .failure(FilesAreGone(name: name)) }
                    lastSuccess.set(.now())
                    transactions.observe(ContinuousClock.now - start)
                    pause.end()
                case .failure(let error): damage.note(error)
                }
                return result
            }
        }
    }
}
