// SPDX-License-Identifier: Apache-2.0
//
// How commands end that can't use a database.

internal import CommandSupport
internal import ArgumentParser
internal import DallocCollector
internal import Foundation

extension StoreError {
    /// Tells the user why, on stderr; with the exit code to end with.
    func exit() -> ExitCode {
        FileHandle.standardError.write(Data("dalloc-collector: \(self)\n".utf8))
        return ExitCode((isForeign ? StartFailure.Kind.foreignDatabase : .database).exitCode)
    }
}

extension StartFailure.Kind {
    /// As sysexits.h names them.
    var exitCode: Int32 {
        switch self {
        case .foreignDatabase: ExitStatus.data
        case .serialLine: ExitStatus.noInput
        case .endpoint: ExitStatus.unavailable
        case .database: ExitStatus.io
        case .unstored: ExitStatus.temporary
        case .security: ExitStatus.configuration
        }
    }
}
