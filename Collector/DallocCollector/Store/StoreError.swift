// SPDX-License-Identifier: Apache-2.0
//
// Why a database can't be used.

internal import GRDB

public struct StoreError: Error, CustomStringConvertible {
    public let path: String
    public let cause: String
    /// What to do.
    public let advice: String
    /// The file belongs to another application, and was left as it is.
    public let isForeign: Bool
    /// A collector is writing to it.
    public let isInUse: Bool

    init(
        path: String, cause: String, advice: String = StoreError.otherFile, isForeign: Bool = false,
        isInUse: Bool = false
    ) {
        (self.path, self.cause, self.advice) = (path, cause, advice)
        (self.isForeign, self.isInUse) = (isForeign, isInUse)
    }

    /// - Parameter error: what the database said.
    init(path: String, _ error: any Error, advice: String = StoreError.otherFile) {
        let isForeign = (error as? DatabaseError)?.resultCode == .SQLITE_NOTADB
        self.init(path: path, cause: Self.cause(of: error), advice: advice, isForeign: isForeign)
    }

    static let otherFile = "Name another file with --database"

    /// What went wrong, in words.
    static func cause(of error: any Error) -> String {
        guard let error = error as? DatabaseError else { return "\(error)" }
        switch error.resultCode {
        case .SQLITE_NOTADB: return "it is not an SQLite database"
        case .SQLITE_CANTOPEN: return "the file can't be opened or created there"
        case .SQLITE_READONLY, .SQLITE_PERM: return "it can't be written to"
        case .SQLITE_IOERR:
            return "\(error.message ?? "disk I/O error") (SQLite error \(error.extendedResultCode.rawValue))"
        default: return error.message ?? error.description
        }
    }

    public var description: String { "The database \(path) can't be used: \(cause). \(advice)." }
}
