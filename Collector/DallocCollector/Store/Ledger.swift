// SPDX-License-Identifier: Apache-2.0
//
// The state of a database, in one row: whether a collector has it open, up to which row frames were gathered, and the state of the clock.

internal import GRDB
internal import HeapHistory

struct Ledger: Equatable, Sendable {
    var isOpen: Bool
    var gatheredThrough: Int64
    var lastTime: Timestamp
    /// Microseconds since the machine started.
    var lastUptime: Int64
    var machineBoot: String
    var steadyUptime: Int64
    var steadyBoot: Int64
    /// The last row of boots before those that an earlier start of the machine has dated by a clock that had not proven itself; -1: none.
    var suspectBoot: Int64
    /// When a clock that had proven itself was set far, by the clock as it is now.
    var doubtFrom: Timestamp?
    var trustedTime: Timestamp

    init(_ db: Database) throws {
        guard let row = try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM ledger WHERE id = 1")) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "the ledger is empty")
        }
        isOpen = row["is_open"] as Int64 != 0
        gatheredThrough = row["gathered_through"]
        lastTime = Timestamp(microseconds: row["last_time"])
        lastUptime = row["last_uptime"]
        machineBoot = row["machine_boot"]
        steadyUptime = row["steady_uptime"]
        steadyBoot = row["steady_boot"]
        suspectBoot = row["suspect_boot"]
        doubtFrom = (row["doubt_from"] as Int64?).map { Timestamp(microseconds: $0) }
        trustedTime = Timestamp(microseconds: row["trusted_time"])
    }

    static func setOpen(_ isOpen: Bool, _ db: Database) throws {
        try db.execute(sql: "UPDATE ledger SET is_open = ?", arguments: [isOpen])
    }

    static func noteGathered(through row: Int64, _ db: Database) throws {
        try db.cachedStatement(sql: "UPDATE ledger SET gathered_through = max(gathered_through, ?)")
            .execute(arguments: [row])
    }

    /// Which corrections of times are in the database.
    static func corrections(_ db: Database) throws -> Int64 {
        try Int64.fetchOne(db.cachedStatement(sql: "SELECT corrections FROM ledger WHERE id = 1")) ?? 0
    }

    static func noteCorrection(_ db: Database) throws {
        try db.execute(sql: "UPDATE ledger SET corrections = (corrections + 1) & 0xFFFFFFFF")
    }

    /// The numbers of removals and corrections so far: frames that were read before one of them must not be written after it.
    static func revision(_ db: Database) throws -> [Int64] {
        let row = try Row.fetchOne(db.cachedStatement(sql: "SELECT removals, corrections FROM ledger WHERE id = 1"))
        return row.map { [$0[0], $0[1]] } ?? []
    }

    static func noteRemoval(_ db: Database) throws {
        try db.execute(sql: "UPDATE ledger SET removals = (removals + 1) & 0xFFFFFFFF")
    }

    func writeClock(_ db: Database) throws {
        try db.cachedStatement(
            sql: """
                UPDATE ledger SET last_time = ?, last_uptime = ?, machine_boot = ?, steady_uptime = ?, steady_boot = ?,
                    suspect_boot = ?, doubt_from = ?, trusted_time = ?
                """
        ).execute(arguments: [
            lastTime.microseconds, lastUptime, machineBoot, steadyUptime, steadyBoot, suspectBoot,
            doubtFrom?.microseconds, trustedTime.microseconds,
        ])
    }

    /// The last row of arrivals that was ever committed.
    func lastRow(_ db: Database) throws -> Int64 {
        max(gatheredThrough, try Int64.fetchOne(db, sql: "SELECT max(id) FROM arrivals") ?? 0)
    }
}
