// SPDX-License-Identifier: Apache-2.0
//
// Keeps the write-ahead log short. A reader of the database, in this process or another, holds the log while it reads one moment of it, and
// the log grows. After that its space is given back.

internal import GRDB
internal import Logging
internal import NIOCore
internal import ServiceLifecycle

struct WriteAheadLogService: Service {
    let store: HistoryStore

    /// Sizes in bytes from which the log is emptied, and from which a warning is logged.
    private static let long = OpenedDatabase.shortLog
    private static let tooLong = 4 * long

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var isReported = false
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(2))
                guard size > Self.long, !Task.isCancelled else {
                    isReported = false
                    continue
                }
                // Fails while another reader is active.
                try? await store.emptyLog()
                let left = size
                if left > Self.tooLong, !isReported {
                    isReported = true
                    store.logger.warning(
                        "the database's log can't be emptied: a program reads one moment of the database for long",
                        metadata: ["bytes": "\(left)", "log": "\(store.path)-wal"])
                }
            }
        }
    }

    private var size: Int { FileIdentity.bytes(of: store.path + "-wal") }
}
