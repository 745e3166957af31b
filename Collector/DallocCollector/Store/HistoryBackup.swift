// SPDX-License-Identifier: Apache-2.0
//
// Copies a database while a collector writes to it. The copy is the history at one moment, and compact. When copying fails,
// there is no copy.

internal import Foundation
internal import GRDB

public enum HistoryBackup {
    /// Copies the history to a new file. Bytes that fails.
    /// - Throws: ``StoreError`` when the history can't be read, or the copy can't be written.
    public static func copy(_ path: String, to copy: String) throws(StoreError) -> Int {
        let partial = copy + ".partial"
        do {
            guard !FileManager.default.fileExists(atPath: copy) else {
                throw StoreError(path: copy, cause: "the file exists", advice: "Remove it, or name another one")
            }
            try? FileManager.default.removeItem(atPath: partial)
            let queue = try HistoryStore.openReadOnly(path)
            defer { try? queue.close() }
            try queue.inDatabase { try $0.execute(sql: "VACUUM INTO ?", arguments: [partial]) }
            // The copy is complete without a log.
            let copied = try DatabaseQueue(path: partial)
            try copied.write { try Ledger.setOpen(false, $0) }
            try copied.close()
            try synchronize(partial)
            guard rename(partial, copy) == 0 else {
                throw StoreError(path: copy, cause: String(cString: strerror(errno)), advice: "Name another file")
            }
            try synchronize((copy as NSString).deletingLastPathComponent)
            return try FileManager.default.attributesOfItem(atPath: copy)[.size] as? Int ?? 0
        } catch let error as StoreError {
            if error.path == partial { try? FileManager.default.removeItem(atPath: partial) }
            throw error
        } catch {
            try? FileManager.default.removeItem(atPath: partial)
            throw StoreError(
                path: copy, error, advice: "Look for room, and for leave to write there"
            )
        }
    }

    /// Returns when a file or a folder is on disk.
    private static func synchronize(_ path: String) throws {
        let descriptor = open(path.isEmpty ? "." : path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw StoreError(path: path, cause: String(cString: strerror(errno)), advice: "Name another file")
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw StoreError(path: path, cause: String(cString: strerror(errno)), advice: "Name another file")
        }
    }
}
