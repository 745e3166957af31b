// SPDX-License-Identifier: Apache-2.0
//
// Stores what devices would have reported at moments of the caller's choice, by the way that a collector takes: session, replay, commit,
// chunks and rollups. For databases as large as those of a fleet and a month.

internal import GRDB
internal import HeapHistory
internal import HeapWire
public import Logging

/// A database that no collector has open.
public final class HistoryImport: Sendable {
    let store: HistoryStore
    private let gathering: Gathering

    /// Opens the database at `path`, or makes it. What is written survives the end of the process only when it is closed.
    /// - Throws: ``StoreError``.
    public init(path: String, logger: Logger) throws(StoreError) {
        store = try HistoryStore(path: path, durability: .process, logger: logger)
        gathering = Gathering(store: store)
    }

    /// Gathers what is left, and ends all use of the database.
    public func close() async throws {
        try await ChunkWriter(store: store).gather()
        try store.close()
    }

    func commit(_ batch: IngestBatch, at now: Timestamp) async throws {
        try await store.commit(batch, at: now)
        try await gathering.goOn()
    }

    /// Gathers while others commit; they wait only when gathering is too slow.
    private actor Gathering {
        private let store: HistoryStore
        private var current: Task<Void, any Error>?

        init(store: HistoryStore) {
            self.store = store
        }

        func goOn() async throws {
            let bytes = store.arrivals.extent.bytes
            guard bytes >= ChunkWriter.mostBytes else { return }
            if current == nil {
                current = Task {
                    defer { current = nil }
                    try await ChunkWriter(store: store).gather()
                }
            }
            if bytes >= 3 * ChunkWriter.mostBytes { try await current?.value }
        }
    }
}
