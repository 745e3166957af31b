// SPDX-License-Identifier: Apache-2.0
//
// Stores what a connection brings.

internal import GRDB
internal import HeapHistory
internal import HeapWire

extension IngestBatch {
    /// - Parameter rows: where its frames go.
    fileprivate func write(_ db: Database, rows: Range<Int64>) throws {
        for (row, frame) in zip(rows, frames) {
            try frame.record.insert(db, row: row)
            try frame.recorder?.write(db, heap: frame.record.heapID)
            try frame.gap?.write(db)
            for gap in frame.otherGaps { try gap.write(db) }
            try frame.clock?.insert(db, boot: bootID)
            if frame.endsRun { try db.execute(sql: "UPDATE boots SET is_closed = 1 WHERE id = ?", arguments: [bootID]) }
        }
    }
}

extension RecorderFill {
    fileprivate func write(_ db: Database, heap: Int64) throws {
        try db.cachedStatement(sql: "UPDATE heaps SET recorder_most = ?, recorder_size = ? WHERE id = ?")
            .execute(arguments: [Int64(most), Int64(size), heap])
    }
}

extension HistoryStore {
    /// Returns when the batch is on disk.
    func commit(_ batch: IngestBatch, at now: Timestamp) async throws {
        let (rows, corrections): (Range<Int64>, Int64)
        do {
            (rows, corrections) = try await write(batch)
        } catch let error as DatabaseError where WritePause.isPassing(error) {
            pause.noteGivenUp()
            throw error
        }
        workInProgress.noteAcknowledged(rows.upperBound &- 1)
        guard arrivals.append(batch.frames, rows: rows, at: now, corrections: corrections) else {
            return try await takeAnew(batch.frames, rows: rows, at: now)
        }
        directory.append(batch.frames, at: now)
        // The next batch finds it closed, and the device greets again.
        if batch.frames.contains(where: \.endsRun) { openBoots.remove(batch.bootID) }
    }

    /// Where the frames are, and which corrections of times were in the database then.
    private func write(_ batch: IngestBatch) async throws -> (Range<Int64>, Int64) {
        let (arrivals, openBoots, quarantine) = (arrivals, openBoots, quarantine)
        return try await commits.commit { db in
            // In the transaction: after a correction of times, these would be wrong.
            let corrections = try Ledger.corrections(db)
            guard openBoots.contains(batch.bootID, corrections: corrections) else { throw ClockWasSet() }
            if let heap = batch.frames.first?.record.heapID, quarantine.has(heap: heap) {
                throw Quarantined(device: "of heap \(heap)", reason: "its frames can't be worked on")
            }
            // In the transaction: rows are taken in the order in which they are committed.
            let rows = arrivals.takeRows(batch.frames.count)
            try batch.write(db, rows: rows)
            return (rows, corrections)
        }
    }

    /// Frames whose times were corrected after they were committed.
    private func takeAnew(_ frames: [IngestedFrame], rows: Range<Int64>, at now: Timestamp) async throws {
        while true {
            let (times, corrections) = try await read { db in
                let rows = try Row.fetchAll(
                    db, sql: "SELECT id, time FROM arrivals WHERE id >= ? AND id < ?",
                    arguments: [rows.lowerBound, rows.upperBound])
                let times = rows.reduce(into: [Int64: Int64]()) { $0[$1[0]] = $1[1] }
                return (times, try Ledger.corrections(db))
            }
            var corrected = frames
            for (index, row) in zip(corrected.indices, rows) {
                if let time = times[row] { corrected[index].record.frame.time = Timestamp(microseconds: time) }
            }
            if arrivals.append(corrected, rows: rows, at: now, corrections: corrections) {
                return directory.append(corrected, at: now)
            }
            // The index in memory is corrected in a moment. A task of its own: these frames are acknowledged even when the
            // caller is cancelled.
            await Task { try? await Task.sleep(for: .milliseconds(5)) }.value
        }
    }
}
