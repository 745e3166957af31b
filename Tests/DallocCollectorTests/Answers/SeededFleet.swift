// SPDX-License-Identifier: Apache-2.0
//
// The history of a few devices that run seeded programs, in a real database.

import Foundation
import HeapHistory
import Logging

@testable import DallocCollector

final class SeededFleet {
    let path = NSTemporaryDirectory() + "dalloc-fleet-\(UUID().uuidString).sqlite"
    let history: HistoryImport
    let query: HistoryQuery
    /// When all of them began.
    let start: Timestamp
    let hours: Double

    init(hours: Double) throws {
        history = try HistoryImport(path: path, logger: Logger(label: "dalloc-test"))
        query = HistoryQuery(store: history.store)
        self.hours = hours
        start = Timestamp(microseconds: Timestamp.now.microseconds - Int64(hours * 3.6e9))
    }

    deinit {
        try? history.store.close()
        for suffix in ["", "-wal", "-shm", "-lock", "-inhand", "-reserve"] {
            try? FileManager.default.removeItem(atPath: path + suffix)
        }
    }

    func add(_ program: SeededProgram, device: String, build: String) async throws {
        var program = program
        var boot = try await ImportedBoot(
            program.hello(device: device, build: build, boot: 1), at: start, into: history)
        let frames = Int(hours * 3.6e9 / Double(program.interval))
        for index in 0..<frames {
            let frame = program.report()
            let time = start.later(byMicroseconds: frame.time)
            try boot.receive(frame.payload, at: time)
            if index % 200 == 199 || index == frames - 1 { try await boot.commit(at: time) }
        }
    }

    func gather() async throws { try await ChunkWriter(store: history.store).gather() }

    var end: Timestamp { start.later(byMicroseconds: Int64(hours * 3.6e9)) }
}
