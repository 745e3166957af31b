// SPDX-License-Identifier: Apache-2.0
//
// Keeps the write-ahead log short. A reader of the database, ours or somebody else's, holds the log as long as it reads one moment of it, and
// the log grows meanwhile: once it is over, the space is given back.

internal import GRDB
internal import Logging
internal import NIOCore
internal import ServiceLifecycle

struct WriteAheadLogService: Service {
    let store: HistoryStore

    /// Bytes from which the log is emptied, and from which somebody is told.
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
                // Fails as long as somebody reads.
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
