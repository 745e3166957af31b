// SPDX-License-Identifier: Apache-2.0
//
// A database that is damaged is found out, set aside, and never taken for a sound one.

import Foundation
import GRDB
import HeapHistory
import Logging
import Testing

@testable import DallocCollector

struct DamageTests {
    /// A device's frames in chunks and among the arrivals, in a file that nobody has open.
    private func closedHistory(frames: Int = 400) async throws -> RecordedHistory {
        let history = try RecordedHistory(gatherEvery: 150)
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        for number in 0..<frames {
            device.tick += 1000
            device.allocate(UInt32(number % 60 + 1), owner: 8)
            if device.blocks.count > 20 { device.free(number % 20) }
            try await history.receive(number % 100 == 0 ? device.keyframe() : device.delta())
        }
        try history.store.close()
        return history
    }

    private func change(_ history: RecordedHistory, _ sql: String) throws {
        let queue = try DatabaseQueue(path: history.path)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    // MARK: Check

    @Test func aSoundHistoryIsReadWholeAndVerified() async throws {
        let history = try await closedHistory()
        let check = try HistoryCheck(path: history.path)
        #expect(check.findings == [])
        #expect((check.devices, check.boots, check.heaps) == (1, 1, 1))
        #expect((check.frames, check.verifiedFrames, check.unverifiableFrames) == (400, 400, 0))
    }

    @Test func framesThatAreMissingAreFoundUnlessAGapSaysSo() async throws {
        let history = try await closedHistory()
        try change(history, "DELETE FROM arrivals WHERE sequence = 395")
        let missing = "pump, boot 1: frames 395 to 395 are missing, and no gap says so."
        #expect(try HistoryCheck(path: history.path).findings.contains(missing))
        try change(
            history,
            """
            UPDATE arrivals SET exact = 0 WHERE sequence BETWEEN 396 AND 398;
            INSERT INTO gaps (heap_id, start_sequence, end_sequence, cause) VALUES (1, 394, 399, 'line_loss');
            """)
        let findings = try HistoryCheck(path: history.path).findings
        #expect(!findings.contains { $0.contains("are missing") })
        #expect(findings.first?.contains("frame 399 was exact when it was stored, and is not now") == true)
    }

    @Test func aFrameThatIsNotWhatItWasIsFound() async throws {
        let history = try await closedHistory()
        // Another frame of the same heap, with a sequence number of its own.
        try change(
            history,
            "UPDATE arrivals SET payload = (SELECT payload FROM arrivals WHERE sequence = 380) WHERE sequence = 390")
        #expect(try HistoryCheck(path: history.path).findingCount > 0)
    }

    @Test func aChunkThatCannotBeReadIsFound() async throws {
        let history = try await closedHistory()
        try change(history, "UPDATE chunks SET body = substr(body, 1, length(body) - 3) WHERE id = 1")
        let check = try HistoryCheck(path: history.path)
        #expect(check.findings.first?.contains("chunk 1 of the database can't be read") == true)
    }

    @Test func aHistoryThatHasLostItsBeginningIsSound() async throws {
        let history = try await closedHistory()
        try change(history, "DELETE FROM chunks WHERE id = (SELECT min(id) FROM chunks)")
        let check = try HistoryCheck(path: history.path)
        #expect(check.findings == [])
        #expect(check.frames == check.verifiedFrames + check.unverifiableFrames)
        #expect(check.unverifiableFrames < 150, "until a table is there")
    }

    // MARK: Set aside

    /// Overwrites a part of the file, as a bad disk does.
    private func spoil(_ path: String, page: Int) throws {
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        try file.seek(toOffset: UInt64(page) * 4096)
        try file.write(contentsOf: Data(repeating: 0xA5, count: 4096))
        try file.close()
    }

    private func setAsideFiles(_ path: String) throws -> [String] {
        let url = URL(fileURLWithPath: path)
        return try FileManager.default.contentsOfDirectory(atPath: url.deletingLastPathComponent().path)
            .filter { $0.hasPrefix(url.lastPathComponent + ".damaged-") }
            .map { url.deletingLastPathComponent().appendingPathComponent($0).path }
    }

    @Test func aDatabaseThatCannotBeOpenedForDamageIsSetAsideAndKept() async throws {
        let history = try await closedHistory()
        // The table of tables goes on after the header of page 1, and in the next pages.
        let file = try #require(FileHandle(forUpdatingAtPath: history.path))
        try file.seek(toOffset: 100)
        try file.write(contentsOf: Data(repeating: 0xA5, count: 3000))
        try file.close()
        let before = try Data(contentsOf: URL(fileURLWithPath: history.path))
        let store = try HistoryStore(path: history.path)
        let kept = try setAsideFiles(history.path)
        #expect(kept.count == 1)
        #expect(try Data(contentsOf: URL(fileURLWithPath: #require(kept.first))) == before)
        let devices = HistoryQuery(store: store).devices(connected: []).devices
        #expect(devices.isEmpty, "a new history")
        #expect(store.beganAnew)
        try store.close()
        for path in kept { try FileManager.default.removeItem(atPath: path) }
    }

    @Test func damageThatIsFoundLaterIsRememberedForTheNextStart() async throws {
        let history = try await closedHistory()
        // The first page of a table that nobody reads at the start.
        let queue = try DatabaseQueue(path: history.path)
        let root = try await queue.read {
            try Int.fetchOne($0, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'chunks'")
        }
        try queue.close()
        try spoil(history.path, page: #require(root) - 1)
        let store = try HistoryStore(path: history.path)
        #expect(try setAsideFiles(history.path) == [], "what is read at the start is sound")
        #expect(store.damage.cause == nil && !store.beganAnew)
        await #expect(throws: DatabaseError.self) {
            try await store.commits.commit { try $0.execute(sql: "DELETE FROM chunks") }
        }
        #expect(store.damage.cause != nil)
        try? store.close()
        let anew = try HistoryStore(path: history.path)
        #expect(try setAsideFiles(history.path).filter { $0.hasSuffix("Z") }.count == 1)
        #expect(anew.damage.cause == nil)
        try anew.close()
        for path in try setAsideFiles(history.path) { try FileManager.default.removeItem(atPath: path) }
    }

    // MARK: Backup

    @Test func aCopyIsTheHistoryOfOneMomentWhileOthersWrite() async throws {
        let history = try RecordedHistory(gatherEvery: 20)
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        for _ in 0..<50 {
            device.allocate(4, owner: 8)
            if device.blocks.count > 20 { device.free(0) }
            try await history.receive(device.keyframe())
        }
        let copy = history.path + ".copy"
        defer { try? FileManager.default.removeItem(atPath: copy) }
        #expect(try HistoryBackup.copy(history.path, to: copy) > 0)
        try await history.receive(device.keyframe())
        let check = try HistoryCheck(path: copy)
        #expect(check.findings == [])
        #expect(check.frames == 50)
        let error = #expect(throws: StoreError.self) { try HistoryBackup.copy(history.path, to: copy) }
        #expect(error?.description.contains("the file exists") == true, "nothing is overwritten")
        let store = try HistoryStore(path: copy)
        #expect(
            try await HistoryQuery(store: store).snapshot(device: "pump", heap: nil, at: .sequence(50)).sequence == 50)
        try store.close()
        for suffix in ["-lock", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: copy + suffix) }
    }
}
