// Answers questions about the history. Each question is one read transaction: it sees the database at one moment.

internal import GRDB
public import HeapHistory

public struct HistoryQuery: Sendable {
    let store: HistoryStore

    public init(store: HistoryStore) {
        self.store = store
    }

    /// - Parameters:
    ///   - device: its id.
    ///   - heap: a name or a number; nil is the lowest number of the current boot.
    /// - Throws: ``Problem`` when there is no such device or heap.
    func read<Answer: Sendable>(
        _ device: String, _ heap: String?, _ answer: @Sendable @escaping (Database, HeapSelection) throws -> Answer
    ) async throws -> Answer {
        var selection = try await read { try HeapSelection($0, device: device, heap: heap) }
        // Before the transaction that answers: what is gathered in between is then in its chunks.
        selection.add(store.tail.heaps(selection.heapIDs))
        let complete = selection
        return try await read { try answer($0, complete) }
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
