// SPDX-License-Identifier: Apache-2.0
//
// What the collector can't work on is kept apart, and all other devices go on. What was in hand when a process died is known.

import Foundation
import GRDB
import HeapHistory
import Logging
import Testing

@testable import DallocCollector

struct SetAsideTests {
    private func file() -> String { NSTemporaryDirectory() + "dalloc-\(UUID().uuidString)-inhand" }

    /// A process that dies while it holds these: what it would have released stays in the file.
    private func die(_ path: String, with subjects: [WorkInProgress.Subject]) throws {
        let copy = path + "-copy"
        defer { try? FileManager.default.removeItem(atPath: copy) }
        let workInProgress = try WorkInProgress(path: path)
        func hold(_ rest: ArraySlice<WorkInProgress.Subject>) throws {
            guard let first = rest.first else { return try FileManager.default.copyItem(atPath: path, toPath: copy) }
            try workInProgress.hold(first.work, first.name) { try hold(rest.dropFirst()) }
        }
        try hold(subjects[...])
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: copy, toPath: path)
    }

    @Test func whatWasInHandAtEveryDeathIsCondemned() throws {
        let path = file()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let poison = WorkInProgress.Subject(work: .frames, name: "pump")
        let bystander = WorkInProgress.Subject(work: .gathering, name: "7")
        for death in 1...3 {
            #expect(try WorkInProgress(path: path).condemned == [], "after \(death - 1) deaths")
            try die(path, with: death == 2 ? [poison] : [bystander, poison])
        }
        #expect(try WorkInProgress(path: path).condemned == [poison])
        let workInProgress = try WorkInProgress(path: path)
        workInProgress.forget([poison])
        #expect(try WorkInProgress(path: path).condemned == [])
    }

    @Test func aSuccessInBetweenEndsTheSuspicion() throws {
        let path = file()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let subject = WorkInProgress.Subject(work: .question, name: "pump")
        for _ in 0..<2 { try die(path, with: [subject]) }
        do {
            let workInProgress = try WorkInProgress(path: path)
            #expect(workInProgress.hold(.question, "pump") { 42 } == 42)
        }
        try die(path, with: [subject])
        #expect(try WorkInProgress(path: path).condemned == [])
    }

    @Test func manyThingsInHandAtOnceAreAllNoted() throws {
        let path = file()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let subjects = (0..<250).map { WorkInProgress.Subject(work: .frames, name: "device-\($0)") }
        for _ in 0..<3 { try die(path, with: subjects) }
        #expect(Set(try WorkInProgress(path: path).condemned) == Set(subjects))
    }

    @Test func aDeviceThatEndsEveryProcessIsSetAsideAndOthersAreServed() async throws {
        let history = try RecordedHistory()
        for device in ["pump", "valve"] { try await history.greet(ScriptedDevice.hello(device: device)) }
        try history.store.close()
        let subject = WorkInProgress.Subject(work: .frames, name: "pump")
        for _ in 0..<3 { try die(history.path + "-inhand", with: [subject]) }
        let store = try HistoryStore(path: history.path)
        #expect(store.quarantine.reason("pump", .frames)?.contains("ended 3 times") == true)
        #expect(store.quarantine.reason("valve", .frames) == nil)
        try store.close()
        let again = try HistoryStore(path: history.path)
        #expect(again.quarantine.all.keys.sorted() == ["pump"], "for as long as its row is there")
        try again.close()
    }

    /// Frames of a heap that can't be gathered, among those of another that can.
    @Test func aPoisonedHeapStopsNobodyElse() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello(device: "valve"))
        var (pump, valve) = (ScriptedDevice(), ScriptedDevice())
        for _ in 0..<5 {
            valve.allocate(4, owner: 8)
            try await history.receive(valve.keyframe())
        }
        try await history.greet(ScriptedDevice.hello())
        for _ in 0..<5 {
            pump.allocate(4, owner: 8)
            try await history.receive(pump.keyframe())
        }
        // What no check foresees.
        try await history.store.pool.write {
            try $0.execute(
                sql: """
                    CREATE TRIGGER poison BEFORE INSERT ON chunks WHEN new.heap_id = 2
                    BEGIN SELECT RAISE(ABORT, 'poison'); END
                    """)
        }
        try await ChunkWriter(store: history.store).gather()
        #expect(history.store.arrivals.extent.bytes == 0, "nothing is left that would fail again")
        #expect(history.store.quarantine.reason("pump", .frames)?.contains("poison") == true)
        #expect(
            try await history.query.snapshot(device: "valve", heap: nil, at: .latest).blocks == valve.blocks)
        let (kept, chunks) = try await history.store.pool.read { db in
            (
                try Int.fetchAll(db, sql: "SELECT sequence FROM kept_frames WHERE heap_id = 2 ORDER BY sequence"),
                try Int.fetchOne(db, sql: "SELECT count(*) FROM chunks WHERE heap_id = 1")
            )
        }
        #expect(kept == [1, 2, 3, 4, 5], "as they came")
        #expect(chunks == 1)
        #expect(try await history.gaps().contains { $0.cause == .setAside && $0.end == nil })
    }

    @Test func numbersThatNoHeapHasAreKeptAsAGap() async throws {
        let history = try RecordedHistory(gatherEvery: 2)
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        try await history.receive(device.keyframe())
        for most: UInt64 in [1 << 62 - 1, 0, 1 << 62 - 1, 1 << 61, 0] {
            device.tick += 1000
            device.pretend(moves: most)
            try await history.receive(device.keyframe(lost: 1))
            try await ChunkWriter(store: history.store).gather()
        }
        let usage = try await history.query.history(
            device: "pump", heap: nil, since: RecordedHistory.time(0), until: RecordedHistory.time(60_000),
            stepMicroseconds: 500_000)
        #expect(usage.points.allSatisfy { $0.moves == 0 }, "none of it is believed")
        #expect(usage.gaps.contains { $0.cause == .implausible })
        device.pretend(moves: 0)
        device.allocate(4, owner: 8)
        device.tick += 1
        try await history.receive(device.keyframe())
        #expect(try await history.snapshot(.latest).blocks == device.blocks, "believed again once it makes sense")
    }

    @Test func countsStopAtTheirLimit() {
        let most = Count(clamping: Int64.max)
        #expect(most.value == Count.limit)
        #expect((most + most).value == Count.limit)
        #expect(most.times(most).value == Count.limit)
        #expect(Count(clamping: -1).value == 0)
        #expect(Count(clamping: UInt64.max).value == Count.limit)
        var work = HeapWork()
        for _ in 0..<10 { work += HeapWork(allOf: most) }
        #expect(work == HeapWork(allOf: most))
        #expect(work.operations.value == Count.limit)
    }
}

extension HeapWork {
    fileprivate init(allOf count: Count) {
        self.init()
        (allocated, freed, failures, moves, bytesMoved) = (count, count, count, count, count)
    }
}
