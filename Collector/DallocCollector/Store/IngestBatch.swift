// What one connection brings in one go, all of one boot.

internal import GRDB
internal import HeapHistory

struct IngestBatch: Sendable {
    var bootID: Int64
    var frames: [IngestedFrame]

    /// - Parameter rows: where its frames go.
    func write(_ db: Database, rows: Range<Int64>) throws {
        for (row, frame) in zip(rows, frames) {
            try frame.record.insert(db, row: row)
            try frame.gap?.write(db)
            for gap in frame.otherGaps { try gap.write(db) }
            try frame.clock?.insert(db, boot: bootID)
        }
    }
}

extension HistoryStore {
    /// Returns when the batch is on disk.
    func commit(_ batch: IngestBatch, at now: Timestamp) async throws {
        let tail = tail
        let rows = try await commits.commit { db in
            // In the transaction: rows are taken in the order in which they are committed.
            let rows = tail.takeRows(batch.frames.count)
            try batch.write(db, rows: rows)
            return rows
        }
        tail.append(batch.frames, rows: rows, at: now)
        fleet.append(batch.frames, at: now)
    }
}
