// SPDX-License-Identifier: Apache-2.0
//
// The identity of the database's files. Files that are removed or replaced under a running process still take writes, and
// are then lost: nothing may be acknowledged.

internal import CFileStatus
internal import Foundation

struct FileIdentity: Equatable, Sendable {
    private struct File: Equatable, Sendable {
        var device: UInt64
        var number: UInt64
    }

    private let files: [String: File]

    /// Of a database that is open, and of its log.
    init(path: String) {
        files = Dictionary(
            uniqueKeysWithValues: [path, path + "-wal"].compactMap { name in Self.file(name).map { (name, $0) } })
    }

    private static func file(_ path: String) -> File? {
        var status = file_status_t()
        return file_status_of(path, &status) == 0 ? File(device: status.device, number: status.number) : nil
    }

    /// How long a file is; 0 when there is none.
    static func bytes(of path: String) -> Int {
        var status = file_status_t()
        return file_status_of(path, &status) == 0 ? Int(status.bytes) : 0
    }

    /// The name of a file that was removed or replaced; nil when there is none.
    var missing: String? {
        files.first { name, file in Self.file(name) != file }?.key
    }
}
