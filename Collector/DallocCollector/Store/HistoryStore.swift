// The history of the fleet in one SQLite database: opening it, its schema, and who may read and write.

internal import Foundation
internal import GRDB
public import Logging
internal import Synchronization

/// An open history database. Reads run beside each other and beside the one writer (WAL).
public final class HistoryStore: Sendable {
    let pool: DatabasePool
    let path: String
    /// Writes of all connections go through it.
    let commits: GroupCommit
    let tail = Tail()
    let fleet = Fleet()
    let pause: WritePause
    let damage: Damage
    let reserve: DiskReserve
    /// Devices that were removed. Written within transactions: who has read frames before one must not write them after it.
    let removals = Atomic<Int>(0)
    private let lock: FileLock
    private let isClosed = Atomic<Bool>(false)

    /// `application_id` of our databases: "DALC" in ASCII.
    static let applicationID = 0x4441_4C43

    /// Opens the database at `path`, or makes it, and brings its schema up to date. One that is damaged is set aside.
    /// - Parameter durability: what a commit survives.
    /// - Throws: ``StoreError`` when it can't be opened or is not a history of ours.
    public init(
        path: String, durability: Durability = .power, logger: Logger = Logger(label: "dalloc-collector")
    ) throws(StoreError) {
        self.path = path
        reserve = DiskReserve(path: path + "-reserve")
        pause = WritePause(reserve: reserve, logger: logger)
        damage = Damage(path: path, logger: logger)
        do {
            if FileManager.default.fileExists(atPath: path), !Damage.isOurs(path) { try Self.checkOwnership(path) }
            // Beside the database: closing a second descriptor of the file itself would drop SQLite's own locks.
            guard let lock = try FileLock(path: path + "-lock") else {
                throw StoreError(path: path, cause: "another dalloc-collector is writing to it")
            }
            self.lock = lock
            if Damage.isMarked(path) {
                try Damage.setAside(path, cause: "found while it was in use", logger: logger)
            }
            do {
                pool = try Self.open(path, durability, tail)
            } catch let error as DatabaseError where Damage.isDamage(error) {
                try Damage.setAside(path, cause: error.message ?? "\(error)", logger: logger)
                pool = try Self.open(path, durability, tail)
            }
            commits = GroupCommit(pool: pool, pause: pause, damage: damage)
            let (fleet, tail) = (fleet, tail)
            try pool.read { try fleet.load($0, tail) }
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError(path: path, cause: Self.words(for: error))
        }
        reserve.take()
    }

    /// Writes what is in the write-ahead log into the database, and makes it short.
    func emptyLog() async throws {
        try await pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    }

    private static func open(_ path: String, _ durability: Durability, _ tail: Tail) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.prepareDatabase { db in
            // Only a database that is still empty takes it: space that retention frees is given back.
            if !db.configuration.readonly { try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL") }
        }
        let pool = try DatabasePool(path: path, configuration: configuration)
        // Behind what GRDB does for WAL: that sets NORMAL.
        try pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = \(durability == .power ? "FULL" : "NORMAL")")
        }
        try migrator.migrate(pool)
        try makeShrinkable(pool)
        try pool.read { try tail.load($0, at: .now) }
        return pool
    }

    /// Ends all use of the database. Once more does nothing.
    public func close() throws {
        guard !isClosed.exchange(true, ordering: .relaxed) else { return }
        pause.stop()
        // All in one file then, for those who copy it.
        try? pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        try pool.close()
        reserve.release()
        lock.release()
    }

    /// A database from before there was retention can't give space back yet.
    private static func makeShrinkable(_ pool: DatabasePool) throws {
        try pool.writeWithoutTransaction { db in
            guard try Int.fetchOne(db, sql: "PRAGMA auto_vacuum") == 0 else { return }
            try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL; VACUUM")
        }
    }

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("v1-history") { db in
            try db.execute(sql: String(decoding: PackageResources.v1_history_sql, as: UTF8.self))
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
        }
        migrator.registerMigration("v2-volume") { db in
            try db.execute(sql: String(decoding: PackageResources.v2_volume_sql, as: UTF8.self))
        }
        migrator.registerMigration("v3-trust") { db in
            try db.execute(sql: String(decoding: PackageResources.v3_trust_sql, as: UTF8.self))
        }
        return migrator
    }

    /// Opens a database of ours for reading alone, also while a collector writes to it.
    static func openReadOnly(_ path: String) throws -> DatabaseQueue {
        guard FileManager.default.fileExists(atPath: path) else {
            throw StoreError(path: path, cause: "there is no such file")
        }
        try checkOwnership(path)
        var configuration = Configuration()
        configuration.readonly = true
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Looks before anything is written into a file that may be somebody else's.
    private static func checkOwnership(_ path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }
        let (application, tables) = try queue.read { db in
            (
                try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0,
                try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
            )
        }
        guard application == applicationID || (application == 0 && tables == 0) else {
            throw StoreError(path: path, cause: "it is an SQLite database of another application", isForeign: true)
        }
    }

    static func words(for error: any Error) -> String {
        guard let error = error as? DatabaseError else { return "\(error)" }
        switch error.resultCode {
        case .SQLITE_NOTADB: return "it is not an SQLite database"
        case .SQLITE_CANTOPEN: return "the file can't be opened or created there"
        case .SQLITE_READONLY, .SQLITE_PERM: return "it can't be written to"
        default: return error.message ?? error.description
        }
    }
}

/// Why a database can't be used.
public struct StoreError: Error, CustomStringConvertible {
    public let path: String
    public let cause: String
    /// What to do.
    public let advice: String
    /// The file belongs to another application, and was left as it is.
    public let isForeign: Bool

    init(
        path: String, cause: String, advice: String = "Name another file with --database", isForeign: Bool = false
    ) {
        (self.path, self.cause, self.advice) = (path, cause, advice)
        self.isForeign = isForeign || cause.hasPrefix("it is not an SQLite")
    }

    public var description: String { "The database \(path) can't be used: \(cause). \(advice)." }
}

/// What an acknowledged frame survives.
public enum Durability: String, CaseIterable, Sendable {
    /// A power cut: every commit waits until the disk has it.
    case power
    /// The end of the process, however sudden. After a power cut, the last commits may be missing; what is there is consistent.
    case process
}
