// SPDX-License-Identifier: Apache-2.0
//
// What `check` says of a store that is open, and of one whose log was left where it was.

import Foundation
import Testing

@testable import DallocCollector

struct IdleCheckTests {
    @Test func anEmptyLogIsMissedOnlyWhereNobodyHasTheStoreOpen() async throws {
        let lived = try LivedStore()
        var device = Bystander()
        try await device.report(in: lived)
        try await lived.store.emptyLog()
        let beside = try HistoryCheck(path: lived.path).findings
        #expect(beside == [], "a collector that runs has nothing in its log")

        let copy = NSTemporaryDirectory() + "dalloc-\(UUID().uuidString).sqlite"
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: copy + suffix) } }
        try FileManager.default.copyItem(atPath: lived.path, toPath: copy)
        let apart = try HistoryCheck(path: copy).findings
        #expect(apart.contains { $0.contains("its log") }, "nobody knows what the log of a copy had")
    }
}
