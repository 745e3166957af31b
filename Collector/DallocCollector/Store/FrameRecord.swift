// What one frame adds to the history.

internal import GRDB
internal import HeapHistory
internal import HeapWire

/// A frame as it is stored.
struct FrameRecord: Sendable {
    var heapID: Int64
    var state: HeapState
    var time: Timestamp
    /// The replay of this frame had the device's digest.
    var isExact: Bool
    var payload: [UInt8]

    func insert(_ db: Database) throws {
        let insert = try db.cachedStatement(
            sql: """
                INSERT INTO frames (heap_id, sequence, time, used, allocations, peak, total_allocations, total_frees,
                    total_failures, total_moves, total_bytes_moved, lost_operations, exact, payload)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try insert.execute(arguments: [
            heapID, Int64(state.sequence), time.microseconds, Int64(state.used), Int64(state.count),
            Int64(state.peak), Int64(state.totals.allocations), Int64(state.totals.frees),
            Int64(state.totals.failures), Int64(state.totals.moves), Int64(state.totals.bytesMoved),
            Int64(state.lost), isExact, payload.withUnsafeBytes { blob($0) },
        ])
        let update = try db.cachedStatement(
            sql: """
                UPDATE heaps SET last_sequence = ?, last_time = ?, used = ?, allocations = ?, peak = max(peak, ?)
                WHERE id = ?
                """)
        try update.execute(arguments: [
            Int64(state.sequence), time.microseconds, Int64(state.used), Int64(state.count),
            Int64(max(state.peak, state.used)), heapID,
        ])
    }
}

/// A table behind a frame, in the collector's own format: see ``Checkpoint``.
struct CheckpointRecord: Sendable {
    var heapID: Int64
    var sequence: UInt32
    var state: [UInt8]

    func insert(_ db: Database) throws {
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO checkpoints (heap_id, sequence, state) VALUES (?, ?, ?)")
            .execute(arguments: [heapID, Int64(sequence), state.withUnsafeBytes { blob($0) }])
    }
}

/// A stretch of a heap's history that is missing; written when it begins and again when it ends.
struct GapRecord: Sendable, Equatable {
    var heapID: Int64
    var startSequence: UInt32
    var startTime: Timestamp?
    var endSequence: UInt32?
    var endTime: Timestamp?
    var cause: Gap.Cause
    var operations: Int64?
    var frames: Int64?

    func write(_ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO gaps
                    (heap_id, start_sequence, start_time, end_sequence, end_time, cause, operations, frames)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            heapID, Int64(startSequence), startTime?.microseconds, endSequence.map { Int64($0) },
            endTime?.microseconds, cause.rawValue, operations, frames,
        ])
    }
}
