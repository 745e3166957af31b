// What one connection brings in one go, all of one boot.

internal import GRDB
internal import HeapHistory

struct IngestBatch: Sendable {
    var bootID: Int64
    /// The last frame of the boot that is stored then.
    var lastSequence: UInt32
    var frames: [IngestedFrame]
    var now: Timestamp

    func write(_ db: Database) throws {
        for frame in frames {
            try frame.frame.insert(db)
            try frame.gap?.write(db)
            try frame.checkpoint?.insert(db)
            try frame.clock?.insert(db, boot: bootID)
        }
        try db.cachedStatement(sql: "UPDATE boots SET last_sequence = ?, last_seen = ? WHERE id = ?")
            .execute(arguments: [Int64(lastSequence), now.microseconds, bootID])
        try db.cachedStatement(
            sql: "UPDATE devices SET last_seen = ? WHERE id = (SELECT device_id FROM boots WHERE id = ?)"
        ).execute(arguments: [now.microseconds, bootID])
    }
}
