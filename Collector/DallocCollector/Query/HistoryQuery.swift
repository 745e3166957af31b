// Answers questions about the history. Each question is one read transaction: it sees the database at one moment.

internal import GRDB
public import HeapHistory

public struct HistoryQuery: Sendable {
    private let store: HistoryStore

    public init(store: HistoryStore) {
        self.store = store
    }

    func read<Answer: Sendable>(_ answer: @Sendable @escaping (Database) throws -> Answer) async throws -> Answer {
        try await store.pool.read(answer)
    }
}

/// A moment in a heap's history.
public enum Moment: Equatable, Sendable {
    case time(Timestamp)
    /// A frame of the current boot.
    case sequence(UInt32)
}
