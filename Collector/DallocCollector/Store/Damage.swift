// SPDX-License-Identifier: Apache-2.0
//
// A damaged database. Nothing is repaired and nothing thrown away: it is set aside under another name, for people
// to look at, and a new history begins.

internal import Foundation
internal import GRDB
internal import HeapHistory
internal import Logging
internal import Synchronization

final class Damage: Sendable {
    private let path: String
    private let logger: Logger
    private let found = Mutex<String?>(nil)

    init(path: String, logger: Logger) {
        (self.path, self.logger) = (path, logger)
    }

    /// What was found; nil while all is well.
    var cause: String? { found.withLock { $0 } }

    /// A file of the database was removed or replaced. What is there now may be sound: nothing is set aside for it.
    func noteGone(_ name: String) {
        let isNew = found.withLock { found in
            defer { found = found ?? "\(name) was removed or replaced while it was in use" }
            return found == nil
        }
        guard isNew else { return }
        logger.critical(
            "a file of the database was removed or replaced: the collector stops, and acknowledges nothing more",
            metadata: ["file": "\(name)"])
    }

    /// Remembers a damage, also for the next process, which sets the database aside.
    func note(_ error: any Error) {
        guard let error = error as? DatabaseError, Self.isDamage(error) else { return }
        let words = error.message ?? "\(error.resultCode)"
        let isNew = found.withLock { found in
            defer { found = words }
            return found == nil
        }
        guard isNew else { return }
        _ = FileManager.default.createFile(atPath: Self.mark(of: path), contents: Data((words + "\n").utf8))
        logger.critical(
            "the database is damaged: the collector stops, and sets it aside when it is started again",
            metadata: ["database": "\(path)", "error": "\(words)"])
    }

    /// True when SQLite says that the file is not what was written: its structure makes no sense, or a page fails its checksum.
    static func isDamage(_ error: DatabaseError) -> Bool {
        [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode) || error.extendedResultCode == pageHasChanged
    }

    /// SQLITE_IOERR_DATA: see page_guard.h.
    private static let pageHasChanged = ResultCode(rawValue: 8202)

    /// A process before this one has found damage.
    static func isMarked(_ path: String) -> Bool { FileManager.default.fileExists(atPath: mark(of: path)) }

    /// True when the header of the file says that it is a database of ours, even if nothing else can be read. False tells nothing:
    /// of a new database, the header may still be in the log.
    static func isOurs(_ path: String) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? file.close() }
        // https://www.sqlite.org/fileformat.html, section 1.3
        guard let header = try? file.read(upToCount: 100), header.count == 100 else { return false }
        let id = header[68..<72].reduce(0) { $0 << 8 | Int($1) }
        return header.starts(with: Data("SQLite format 3\0".utf8)) && id == HistoryStore.applicationID
    }

    private static func mark(of path: String) -> String { path + "-damaged" }

    /// Gives the database, with the files that belong to it, another name.
    static func setAside(_ path: String, cause: String, logger: Logger) throws(StoreError) {
        let moment = "\(Timestamp.now)".prefix(19).filter { $0 != ":" }
        let aside = "\(path).damaged-\(moment)Z"
        do {
            // The database last: until it has gone, all of it is tried again.
            for suffix in ["-wal", "-shm", ""] where FileManager.default.fileExists(atPath: path + suffix) {
                try FileManager.default.moveItem(atPath: path + suffix, toPath: aside + suffix)
            }
        } catch {
            throw StoreError(path: path, cause: "it is damaged (\(cause)), and can't be moved to \(aside)")
        }
        try? FileManager.default.removeItem(atPath: mark(of: path))
        logger.critical(
            "the database is damaged: it was set aside, and a new history begins. Restore a backup, or recover with sqlite3's .recover",
            metadata: ["database": "\(path)", "aside": "\(aside)", "error": "\(cause)"])
    }
}
