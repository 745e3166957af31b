// SPDX-License-Identifier: Apache-2.0
//
// The history of the fleet in one SQLite database: opening it, its schema, and who may read and write.

internal import Foundation
internal import GRDB
internal import HeapHistory
public import Logging
internal import Synchronization

/// An open history database. Reads run beside each other and beside the one writer (WAL).
public final class HistoryStore: Sendable {
    let pool: DatabasePool
    let path: String
    /// Writes of all connections go through it.
    let commits: GroupCommit
    let arrivals: ArrivalIndex
    let directory: DeviceDirectory
    let pause: WritePause
    let damage: Damage
    let reserve: DiskReserve
    let workInProgress: WorkInProgress
    let quarantine = Quarantine()
    let clock: WallClock
    let openBoots = OpenBoots()
    let logger: Logger
    /// Acknowledged frames that are missing: the database's log was cut, or lost.
    let missingRows: Int64
    /// The database was damaged and is set aside; this is a new one.
    let beganAnew: Bool
    private let lock: FileLock
    private let isClosed = Atomic<Bool>(false)

    /// `application_id` of our databases: "DALC" in ASCII.
    static let applicationID = 0x4441_4C43

    /// Opens the database at `path`, or makes it, and brings its schema up to date. One that is damaged is set aside.
    /// - Parameter durability: what a commit survives.
    /// - Throws: ``StoreError`` when it can't be opened or is not a history of ours.
    public convenience init(
        path: String, durability: Durability = .power, logger: Logger = Logger(label: "dalloc-collector")
    ) throws(StoreError) {
        try self.init(path: path, durability: durability, logger: logger, time: .system)
    }

    init(path given: String, durability: Durability, logger: Logger, time: WallClock.Source) throws(StoreError) {
        do {
            let file = try DatabaseFile(given)
            let path = file.path
            (self.path, self.logger) = (path, logger)
            reserve = DiskReserve(path: path + "-reserve")
            damage = Damage(path: path, logger: logger)
            let cause = try file.damage()
            // Beside the database: closing a second descriptor of the file itself would drop SQLite's own locks.
            guard let lock = try FileLock(path: path + "-lock") else {
                throw StoreError(path: path, cause: "another dalloc-collector is writing to it", isInUse: true)
            }
            self.lock = lock
            workInProgress = try WorkInProgress(path: path + "-inhand")
            var isAnew = false
            if let cause = Damage.isMarked(path) ? "found while it was in use" : cause {
                try Damage.setAside(path, cause: cause, logger: logger)
                workInProgress.noteAcknowledged(0)
                isAnew = true
            }
            let opened: OpenedDatabase
            do {
                opened = try OpenedDatabase(file, durability, workInProgress, quarantine, logger, time)
            } catch let error as DatabaseError where Damage.isDamage(error) {
                try Damage.setAside(path, cause: error.message ?? "\(error)", logger: logger)
                workInProgress.noteAcknowledged(0)
                isAnew = true
                opened = try OpenedDatabase(file, durability, workInProgress, quarantine, logger, time)
            }
            (pool, arrivals, directory) = (opened.pool, opened.arrivals, opened.directory)
            (clock, missingRows, beganAnew) = (opened.clock, opened.missingRows, isAnew)
            pause = WritePause(reserve: reserve, logger: logger)
            commits = GroupCommit(
                pool: pool, pause: pause, damage: damage, identity: FileIdentity(path: path))
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError(path: given, error)
        }
        reserve.take()
    }

    /// Writes what is in the write-ahead log into the database, and makes it short.
    func emptyLog() async throws {
        try await pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    }

    /// Reads the database. Damage that this finds is remembered.
    func read<Value: Sendable>(_ body: @Sendable @escaping (Database) throws -> Value) async throws -> Value {
        do {
            return try await pool.read(body)
        } catch {
            damage.note(error)
            throw error
        }
    }

    /// Ends all use of the database. Further calls do nothing.
    public func close() throws {
        guard !isClosed.exchange(true, ordering: .relaxed) else { return }
        pause.stop()
        // All in one file then, for those who copy it. Without room, or with a reader, its log stays beside it.
        let isComplete = try? pool.writeWithoutTransaction { db -> Bool in
            try db.inTransaction {
                try clock.ledger(Ledger(db)).writeClock(db)
                try Ledger.setOpen(false, db)
                return .commit
            }
            return try db.checkpoint(.truncate).walFrameCount == 0
        }
        if isComplete != true { logger.notice("the database's log stays beside it", metadata: ["database": "\(path)"]) }
        // The writer must be the last: it removes the empty log.
        pool.invalidateReadOnlyConnections()
        try pool.close()
        reserve.release()
        lock.release()
    }

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration(schema) { db in
            try db.execute(sql: String(decoding: PackageResources.history_sql, as: UTF8.self))
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
        }
        migrator.registerMigration("detail") { db in
            try db.execute(sql: String(decoding: PackageResources.detail_sql, as: UTF8.self))
        }
        migrator.registerMigration("recorder") { db in
            try db.execute(sql: String(decoding: PackageResources.recorder_sql, as: UTF8.self))
        }
        migrator.registerMigration("proof") { db in
            try db.execute(sql: String(decoding: PackageResources.proof_sql, as: UTF8.self))
        }
        return migrator
    }

    private static let schema = "history"

    /// True when the database has frames of HeapWire 1, which nothing reads any more.
    static func hasOldFrames(_ db: Database) throws -> Bool {
        guard try db.tableExists("grdb_migrations") else { return false }
        return try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM grdb_migrations WHERE identifier = 'v1-history')") == true
    }

    /// Opens a database of ours for reading alone, also while a collector writes to it.
    static func openReadOnly(_ path: String) throws -> DatabaseQueue {
        guard FileManager.default.fileExists(atPath: path) else {
            throw StoreError(path: path, cause: "there is no such file")
        }
        let file = try DatabaseFile(path)
        if let cause = try file.damage() { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: cause) }
        try file.checkOwnership()
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.read { try file.refuseOldFrames($0) }
        return queue
    }
}
