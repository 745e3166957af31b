// SPDX-License-Identifier: Apache-2.0
//
// A real history whose file changes at seeded places: no answer is ever wrong, and a collector that starts on it always serves.

import Foundation
import GRDB
import HeapHistory
import HeapWire
import Testing

@testable import DallocCollector

@Suite(.serialized) struct DamagedPlacesTests {
    private struct Random {
        var state: UInt64

        mutating func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % max(limit, 1)
        }
    }

    enum Kind: CaseIterable {
        case flippedBit, zeroedPage, cutFile
    }

    /// Every answer that a sound history gives.
    private struct Answers: Equatable {
        var snapshots: [UInt32: [ScriptedDevice.Block]] = [:]
        var usage: [Int64: [UsagePoint]] = [:]
        var gaps: [Gap] = []
        var devices: [String] = []
    }

    private static let frames: UInt32 = 600
    /// What `scripts/soak.sh damage` asks for; nil in the short form.
    private static let longForm = ProcessInfo.processInfo.environment["DALLOC_DAMAGED_PLACES"].flatMap { Int($0) }
    private static let steps: [Int64] = [1_000_000, 60_000_000, 3_600_000_000]

    /// A device's frames in chunks and among the arrivals, in a file that nobody has open.
    private func closedHistory() async throws -> RecordedHistory {
        let history = try RecordedHistory(gatherEvery: 250, durability: .process)
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        for number in 0..<Int(Self.frames) {
            device.tick += 1000
            for _ in 0..<3 { device.allocate(UInt32(number % 60 + 1), owner: UInt64(8 + number * 8)) }
            while device.blocks.count > 20 { device.free((number * 7) % 20) }
            try await history.receive(number % 100 == 0 ? device.keyframe() : device.delta())
        }
        try history.store.close()
        return history
    }

    /// What is answered; what is refused is left out. Throws what no question may throw.
    private func answers(of store: HistoryStore) async throws -> (Answers, refused: Int) {
        let query = HistoryQuery(store: store)
        var (answers, refused) = (Answers(), 0)
        func ask(_ question: () async throws -> Void) async throws {
            do {
                try await question()
            } catch is Problem {
                refused += 1
            } catch let error as DatabaseError where Damage.isDamage(error) {
                refused += 1
            }
        }
        for sequence in stride(from: UInt32(1), through: Self.frames, by: 37) {
            try await ask {
                answers.snapshots[sequence] = try await query.snapshot(
                    device: "pump", heap: nil, at: .sequence(sequence)
                ).blocks
            }
        }
        let (since, until) = (RecordedHistory.time(0), RecordedHistory.time(Int64(Self.frames) * 1000 + 2000))
        for step in Self.steps {
            try await ask {
                answers.usage[step] = try await query.history(
                    device: "pump", heap: nil, since: since, until: until, stepMicroseconds: step
                ).points
            }
        }
        answers.devices = query.devices(connected: []).devices.map { "\($0.id) \($0.heaps.map(\.used))" }
        return (answers, refused)
    }

    /// True when nothing is answered otherwise than by the sound history.
    private func isTrue(_ answers: Answers, beside sound: Answers) -> Bool {
        answers.snapshots.allSatisfy { sound.snapshots[$0.key] == $0.value }
            && answers.usage.allSatisfy { sound.usage[$0.key] == $0.value }
            && (answers.devices == sound.devices)
    }

    private func spoil(_ path: String, _ kind: Kind, _ random: inout Random) throws -> String {
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let place = random.next(bytes.count)
        switch kind {
        case .flippedBit: bytes[place] ^= 1 << UInt8(random.next(8))
        case .zeroedPage:
            let page = place / 4096 * 4096
            for index in page..<min(page + 4096, bytes.count) { bytes[index] = 0 }
        case .cutFile: bytes.removeLast(bytes.count - max(place, 1))
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return "\(kind) at \(place)"
    }

    @Test(arguments: Kind.allCases) func noPlaceOfAStoppedHistoryMakesAnAnswerWrong(kind: Kind) async throws {
        let history = try await closedHistory()
        let original = try Data(contentsOf: URL(fileURLWithPath: history.path))
        let open = try HistoryStore(path: history.path)
        let (sound, refused) = try await answers(of: open)
        try open.close()
        #expect(refused == 0)
        #expect(sound.snapshots.count > 10 && sound.usage.count == 3)
        var random = Random(state: 7)
        var (setAside, refusals, wrong) = (0, 0, 0)
        let places = Self.longForm ?? 120
        for _ in 0..<places {
            let path = history.path + "-spoiled"
            for suffix in ["", "-wal", "-shm", "-damaged"] {
                try? FileManager.default.removeItem(atPath: path + suffix)
            }
            try original.write(to: URL(fileURLWithPath: path))
            // As it is beside every database of ours.
            try Data().write(to: URL(fileURLWithPath: path + "-inhand"))
            let place = try spoil(path, kind, &random)
            // It always opens: the damaged one, a new one, or, where nothing that counts has changed, the same.
            let store = try HistoryStore(path: path)
            let (answers, refused) = try await answers(of: store)
            refusals += refused
            if answers.devices.isEmpty {
                setAside += 1
            } else if !isTrue(answers, beside: sound) {
                wrong += 1
                Issue.record("a wrong answer after \(place)")
            }
            // It takes frames again, now or, when damage shows only in writing, after the next start.
            try await expectToServe(store, path)
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
            where name.hasPrefix(URL(fileURLWithPath: path).lastPathComponent) {
                try FileManager.default.removeItem(at: folder.appendingPathComponent(name))
            }
        }
        print(
            "\(kind): \(places) places, \(setAside) set aside at the start, \(refusals) answers refused, \(wrong) wrong"
        )
        #expect(setAside + refusals > 0, "something was damaged at all")
    }

    private func expectToServe(_ store: HistoryStore, _ path: String) async throws {
        let hello = try ScriptedDevice.hello(device: "valve")
        var store = store
        for start in 0..<3 {
            do {
                let opened = try await store.openBoot(hello, link: "tcp test", at: .now)
                var session = DeviceSession()
                session.open(opened, hello: hello)
                var device = ScriptedDevice()
                let payload = device.keyframe()
                let event = payload.withUnsafeBufferPointer { session.receive($0, at: .now) }
                guard case .frame(let frame) = event else {
                    Issue.record("the frame is not taken: \(event)")
                    return
                }
                try await store.commit(IngestBatch(bootID: opened.id, frames: [frame]), at: .now)
                try await ChunkWriter(store: store).gather()
                try store.close()
                return
            } catch {
                store.damage.note(error)
                #expect(store.damage.cause != nil, "only damage stops it: \(error)")
                #expect(start < 2, "a new database serves")
                try? store.close()
                store = try HistoryStore(path: path)
            }
        }
    }

    /// The same under a store that is open: what it has not in memory is read from the spoiled file.
    @Test func noPlaceOfARunningHistoryMakesAnAnswerWrong() async throws {
        let history = try await closedHistory()
        let original = try Data(contentsOf: URL(fileURLWithPath: history.path))
        let open = try HistoryStore(path: history.path)
        let (sound, _) = try await answers(of: open)
        try open.close()
        var random = Random(state: 11)
        var refusals = 0
        let places = Self.longForm ?? 60
        for round in 0..<places {
            let path = history.path + "-running"
            try original.write(to: URL(fileURLWithPath: path))
            let store = try HistoryStore(path: path)
            let file = try #require(FileHandle(forUpdatingAtPath: path))
            let place = random.next(original.count)
            try file.seek(toOffset: UInt64(place))
            let byte = try #require(try file.read(upToCount: 1)?.first)
            try file.seek(toOffset: UInt64(place))
            try file.write(contentsOf: [byte ^ 1 << UInt8(random.next(8))])
            // Not closed while SQLite has the file open: that would drop its locks.
            let (answers, refused) = try await answers(of: store)
            refusals += refused
            #expect(isTrue(answers, beside: sound), "round \(round): a bit flipped at \(place)")
            try? store.close()
            try file.close()
            for suffix in ["", "-wal", "-shm", "-damaged", "-inhand", "-lock", "-reserve"] {
                try? FileManager.default.removeItem(atPath: path + suffix)
            }
        }
        print("running: \(places) places, \(refusals) answers refused")
        #expect(refusals > 0)
    }

    /// The same in its log, which SQLite does not look into again once it has written it.
    @Test func noPlaceOfTheLogMakesAnAnswerWrong() async throws {
        let history = try await closedHistory()
        let original = try Data(contentsOf: URL(fileURLWithPath: history.path))
        let open = try HistoryStore(path: history.path)
        let (sound, _) = try await answers(of: open)
        try open.close()
        var random = Random(state: 12)
        var refusals = 0
        for round in 0..<60 {
            let path = history.path + "-logged"
            try original.write(to: URL(fileURLWithPath: path))
            let store = try HistoryStore(path: path)
            // All of the history is in the log then, and no connection has it in memory.
            try await store.commits.commit {
                try $0.execute(
                    sql: """
                        CREATE TEMP TABLE copy AS SELECT * FROM chunks;
                        DELETE FROM chunks;
                        INSERT INTO chunks SELECT * FROM copy;
                        DROP TABLE copy
                        """)
            }
            let log = try #require(FileHandle(forUpdatingAtPath: path + "-wal"))
            let place = random.next(Int(try log.seekToEnd()))
            try log.seek(toOffset: UInt64(place))
            let byte = try #require(try log.read(upToCount: 1)?.first)
            try log.seek(toOffset: UInt64(place))
            try log.write(contentsOf: [byte ^ 1 << UInt8(random.next(8))])
            let (answers, refused) = try await answers(of: store)
            refusals += refused
            #expect(isTrue(answers, beside: sound), "round \(round): a bit flipped at \(place) of the log")
            try? store.close()
            try log.close()
            for suffix in ["", "-wal", "-shm", "-damaged", "-inhand", "-lock", "-reserve"] {
                try? FileManager.default.removeItem(atPath: path + suffix)
            }
        }
        print("log: 60 places, \(refusals) answers refused")
        #expect(refusals > 0)
    }
}
