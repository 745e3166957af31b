// Answers questions about the history. Each question is one read transaction: it sees the database at one moment.

internal import GRDB
public import HeapHistory

public struct HistoryQuery: Sendable {
    let store: HistoryStore
    /// Whether a device has a session open. Of one that has, silence shorter than ``quietInterval`` says nothing.
    private let isConnected: @Sendable (String) async -> Bool

    /// Microseconds that a device lets pass between two frames at most, and as much again as a frame may be late: see "Silence" in
    /// schema/wire.md.
    static let quietInterval: Int64 = 15_000_000

    public init(store: HistoryStore, isConnected: @escaping @Sendable (String) async -> Bool = { _ in false }) {
        (self.store, self.isConnected) = (store, isConnected)
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
        selection.isConnected = await isConnected(device)
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
    /// The last one that is known.
    case latest
    /// A frame of the current boot.
    case sequence(UInt32)
}
