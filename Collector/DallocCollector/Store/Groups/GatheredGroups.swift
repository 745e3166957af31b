// SPDX-License-Identifier: Apache-2.0
//
// What the frames of a heap that are gathered together add to its sums by group and by day.

internal import GRDB
internal import HeapHistory

struct GatheredGroups: Sendable {
    /// The frame that they go on after; 0: none.
    let after: UInt32
    private let sequence: UInt32
    private let time: Int64
    private let state: [UInt8]
    private let news: OpenGroups.News

    /// Nil when all frames were gathered before.
    init?(_ records: [FrameRecord], after stored: StoredGroups) {
        var open = stored.open()
        after = stored.gathered
        news = open.add(records.filter { $0.frame.sequence > stored.gathered })
        guard let time = open.time, open.sequence > after else { return nil }
        (sequence, self.time, state) = (open.sequence, time, open.encode())
    }

    func write(_ db: Database, heapID: Int64) throws {
        for period in news.periods { try period.write(db, heapID: heapID) }
        for day in news.days { try day.write(db, heapID: heapID) }
        try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO open_groups (heap_id, sequence, time, state) VALUES (?, ?, ?, ?)"
        ).execute(arguments: [heapID, Int64(sequence), time, state.withUnsafeBytes { blob($0) }])
    }
}

extension DayFigures {
    /// Adds to the row that there is, or makes it.
    fileprivate func write(_ db: Database, heapID: Int64) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO days (time, heap_id, used, live_blocks, peak, peak_blocks, allocated, freed, failures, moves,
                    bytes_moved, lost, known)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET used = excluded.used, live_blocks = excluded.live_blocks,
                    peak = max(peak, excluded.peak), peak_blocks = max(peak_blocks, excluded.peak_blocks),
                    \(Rollup.sum("allocated")), \(Rollup.sum("freed")), \(Rollup.sum("failures")), \(Rollup.sum("moves")),
                    \(Rollup.sum("bytes_moved")), \(Rollup.sum("lost")), \(Rollup.sum("known"))
                """
        ).execute(arguments: [
            time, heapID, Int64(used), Int64(liveBlocks), Int64(peak), Int64(peakBlocks), work.allocated.value,
            work.freed.value, work.failures.value, work.moves.value, work.bytesMoved.value, lost.value, known.value,
        ])
    }
}
