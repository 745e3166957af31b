// SPDX-License-Identifier: Apache-2.0
//
// A frame's row among the arrivals.

internal import GRDB
internal import HeapHistory

extension FrameRecord {
    /// - Parameter row: its id.
    func insert(_ db: Database, row: Int64) throws {
        let insert = try db.cachedStatement(
            sql: """
                INSERT INTO arrivals (id, heap_id, sequence, time, exact, used, live_blocks, peak, allocated, freed,
                    failures, moves, bytes_moved, lost, state, payload)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        let state = frame.state.map { $0.withUnsafeBytes { blob($0) } }
        try insert.execute(arguments: [
            row, heapID, Int64(frame.sequence), frame.time.microseconds, frame.isExact, figures?.used,
            figures?.liveBlocks, figures?.peak, work.allocated.value, work.freed.value, work.failures.value,
            work.moves.value, work.bytesMoved.value, Int64(lost), state,
            frame.payload.withUnsafeBytes { blob($0) },
        ])
        guard isFirst else { return }
        try db.cachedStatement(sql: "UPDATE heaps SET first_time = ? WHERE id = ? AND first_time IS NULL")
            .execute(arguments: [frame.time.microseconds, heapID])
    }
}

extension FrameRecord {
    /// - Parameter row: of the table `arrivals`.
    init(_ row: Row) {
        heapID = row["heap_id"]
        frame = StoredFrame(arrival: row)
        if row["used"] != nil {
            figures = HeapFigures(
                used: row.narrow("used"), liveBlocks: row.narrow("live_blocks"), peak: row.narrow("peak"))
        }
        lost = row.narrow("lost")
        work = HeapWork(row)
    }
}

extension HeapWork {
    /// - Parameter row: of the tables `arrivals`, `minutes` or `hours`.
    init(_ row: Row) {
        self.init()
        allocated = row.count("allocated")
        freed = row.count("freed")
        failures = row.count("failures")
        moves = row.count("moves")
        bytesMoved = row.count("bytes_moved")
    }
}

extension StoredFrame {
    /// - Parameter row: of the table `arrivals`.
    init(arrival row: Row) {
        self.init(
            sequence: row.narrow("sequence"), time: Timestamp(microseconds: row["time"]), isExact: row["exact"],
            payload: row.bytes("payload"), state: row["state"] == nil ? nil : row.bytes("state"))
    }
}
