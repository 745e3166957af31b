// SPDX-License-Identifier: Apache-2.0
//
// The file of a history before SQLite opens it: which file that is, whether it is ours and sound, and made when there is none.

internal import CFileStatus
internal import CPageGuard
internal import Foundation
internal import Glibc
internal import GRDB
internal import GRDBSQLite

struct DatabaseFile {
    /// Without symbolic links, so that every name of the file leads to the same files beside it.
    let path: String

    /// - Throws: ``StoreError`` when the path can't be a database, whatever is in it.
    init(_ given: String) throws {
        guard page_guard_install() == SQLITE_OK else {
            throw StoreError(
                path: given, cause: "SQLite has no way to its files", advice: "Install SQLite 3.40 or later")
        }
        var status = file_status_t()
        guard file_status_of(given, &status) == 0 else {
            guard errno == ENOENT, !given.isEmpty, !given.hasSuffix("/") else {
                throw StoreError(path: given, cause: String(cString: strerror(errno)))
            }
            path = given
            return
        }
        guard status.is_regular else {
            throw StoreError(path: given, cause: "it is no regular file")
        }
        // The lock beside it would hold for one of the names only.
        guard status.names == 1 else {
            throw StoreError(
                path: given,
                cause:
                    "the file has \(status.names) names (hard links), and another collector could use another one",
                advice: "Leave it one name, or copy it with `dalloc-collector backup`")
        }
        guard let real = realpath(given, nil) else {
            throw StoreError(path: given, cause: String(cString: strerror(errno)))
        }
        defer { free(real) }
        path = String(cString: real)
    }

    /// Why the file can't be trusted, though it is ours; nil when it is sound, or there is none.
    /// - Throws: ``StoreError`` when it belongs to another application.
    func damage() throws -> String? {
        switch page_guard_look(path) {
        case PAGE_GUARD_ABSENT, PAGE_GUARD_SOUND: return nil
        case PAGE_GUARD_DAMAGED where isOurs: return "its first page has changed"
        case PAGE_GUARD_UNREADABLE: throw StoreError(path: path, cause: "it can't be read")
        default:
            do {
                try checkOwnership()
                return nil
            } catch let error as DatabaseError where isOurs && Damage.isDamage(error) {
                return error.message ?? "its first page has changed"
            }
        }
    }

    /// True when the file's header says so, or what we keep beside it.
    private var isOurs: Bool {
        Damage.isOurs(path) || FileManager.default.fileExists(atPath: path + "-inhand")
    }

    /// Checks a file before anything is written: it may belong to another application.
    func checkOwnership() throws {
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
        guard application == HistoryStore.applicationID || (application == 0 && tables == 0) else {
            throw StoreError(path: path, cause: "it is an SQLite database of another application", isForeign: true)
        }
    }

    /// - Throws: ``StoreError`` when its frames are of a format that nothing reads any more.
    func refuseOldFrames(_ db: Database) throws {
        guard try HistoryStore.hasOldFrames(db) else { return }
        throw StoreError(
            path: path, cause: "its frames are of HeapWire 1, and this version reads HeapWire 2",
            advice: "Name another file with --database, or move this one away; a new history begins then")
    }

    /// Makes the file when there is none, and gives one without checksums, as sqlite3's .recover makes it, what these need.
    func prepare() throws {
        // Before it is open: closing another descriptor of a file drops the locks that SQLite has on it.
        let isGuarded = page_guard_look(path) == PAGE_GUARD_SOUND
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        // Before anything is written: GRDB's pool writes when it begins a log.
        try queue.read { try refuseOldFrames($0) }
        guard try !queue.read({ try HistoryStore.migrator.hasBeenSuperseded($0) }) else {
            throw StoreError(
                path: path, cause: "a later version of dalloc-collector has written to it",
                advice: "Use that version, or name another file with --database")
        }
        try queue.writeWithoutTransaction { db in
            let isNew = try Int.fetchOne(db, sql: "PRAGMA page_count") == 0
            let isShrinkable = try Int.fetchOne(db, sql: "PRAGMA auto_vacuum") != 0
            if !isNew, isShrinkable, isGuarded { return }
            var reserved = CInt(PAGE_GUARD_RESERVED)
            guard sqlite3_file_control(db.sqliteConnection, nil, SQLITE_FCNTL_RESERVE_BYTES, &reserved) == SQLITE_OK
            else { throw DatabaseError(message: "no room for checksums could be reserved") }
            try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            if isNew {
                // Something must be written for the file to begin.
                try db.execute(sql: "PRAGMA user_version = 1; PRAGMA journal_mode = WAL")
            } else {
                try db.execute(sql: "VACUUM")
                _ = try? db.checkpoint(.truncate)
            }
        }
    }
}
