// SPDX-License-Identifier: Apache-2.0
//
// Why a collector may be unable to write, and how a test brings it about.

import Foundation
import GRDB
import TestSupport

enum PauseCause: String, CaseIterable, Sendable {
    case full, quota, syncs, locked

    /// Another process holds the write lock: the test.
    final class Lock {
        private let queue: DatabaseQueue

        init(_ path: String) throws {
            var configuration = Configuration()
            configuration.allowsUnsafeTransactions = true
            queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.unsafeReentrantWrite { try $0.execute(sql: "BEGIN IMMEDIATE") }
        }

        func release() throws {
            try queue.unsafeReentrantWrite { try $0.execute(sql: "ROLLBACK") }
            try queue.close()
        }
    }

    func begin(_ faults: Faults, _ collector: RunningCollector) async throws -> Lock? {
        switch self {
        case .full: faults.growthFails = ENOSPC
        case .quota: faults.growthFails = EDQUOT
        case .syncs: faults.syncsFail = true
        case .locked:
            var lock: Lock?
            // The collector may be writing just now.
            try await wait(for: "the write lock") {
                lock = try? Lock(collector.database)
                return lock != nil
            }
            return lock
        }
        return nil
    }

    func end(_ faults: Faults, _ lock: Lock?) throws {
        (faults.growthFails, faults.syncsFail) = (0, false)
        try lock?.release()
    }
}
