// SPDX-License-Identifier: Apache-2.0
//
// Frames in chunks, and the way there.

import Foundation
import GRDB
import HeapHistory
import HeapWire
import Testing

@testable import DallocCollector

struct ChunkTests {
    private func frames(_ count: Int) -> [StoredFrame] {
        var device = ScriptedDevice()
        return (0..<count).map { number in
            device.tick += UInt64(number)
            if number % 4 == 0 { device.allocate(12, owner: 8) }
            if number % 5 == 4 { device.free(0) }
            return StoredFrame(
                sequence: UInt32(number + 1), time: RecordedHistory.time(Int64(device.tick)),
                isExact: number % 7 != 3, payload: number == 0 ? device.keyframe() : device.delta(),
                state: number % 50 == 49 ? [UInt8](repeating: 7, count: number) : nil)
        }
    }

    @Test func aChunkBringsBackEveryFrame() throws {
        let all = frames(1300)
        let chunks = Chunk.divide(all)
        #expect(chunks.count > 2)
        #expect(chunks.flatMap(\.frames) == all)
        for chunk in chunks {
            #expect(chunk.frames.count <= Chunk.mostFrames)
            let first = try #require(chunk.frames.first)
            #expect(Chunk(body: chunk.body, firstTime: first.time) == chunk)
        }
    }

    @Test func aShortChunkGoesOnWithWhatIsGatheredNext() async throws {
        let history = try RecordedHistory(gatherEvery: 3)
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        for number in 0..<900 {
            // Twice more than a day passes between what is gathered together.
            device.tick += number > 0 && number % 300 == 0 ? 90_000_000 : 1000
            device.allocate(UInt32(number % 50 + 1), owner: 8)
            if device.blocks.count > 20 { device.free(0) }
            try await history.receive(number == 0 ? device.keyframe() : device.delta())
        }
        let chunks = try await history.store.pool.read { db in
            try Row.fetchAll(db, sql: "SELECT *, length(body) AS bytes FROM chunks ORDER BY id").map {
                (
                    bytes: $0["bytes"] as Int, frames: $0["frames"] as Int,
                    span: ($0["last_time"] as Int64) - $0["first_time"],
                    chunk: Chunk(body: $0.bytes("body"), firstTime: Timestamp(microseconds: $0["first_time"])),
                    first: $0["first_sequence"] as Int, last: $0["last_sequence"] as Int, end: $0["last_time"] as Int64
                )
            }
        }
        #expect(chunks.count < 30, "300 were gathered")
        #expect(chunks.map(\.frames).reduce(0, +) == 900)
        for chunk in chunks {
            let frames = try #require(chunk.chunk?.frames)
            #expect(frames.count == chunk.frames)
            #expect(frames.map { Int($0.sequence) } == Array(chunk.first...chunk.last))
            #expect(frames.last?.time.microseconds == chunk.end)
            #expect(chunk.bytes < 4096 + 200 && chunk.span < 86_400_000_000)
        }
        #expect(try await history.snapshot(.sequence(900)).blocks == device.blocks)
        #expect(try await history.snapshot(.sequence(450)).sequence == 450)
    }

    @Test func aDamagedBodyIsNoneAndDoesNoHarm() throws {
        let chunk = Chunk(frames: frames(60))
        let body = chunk.body
        for length in 0..<body.count {
            let cut = Chunk(body: Array(body[..<length]), firstTime: RecordedHistory.start)
            #expect(cut == nil || cut?.frames.count ?? 0 < 60)
        }
        for index in body.indices {
            var bytes = body
            bytes[index] ^= 0x80
            _ = Chunk(body: bytes, firstTime: RecordedHistory.start)
        }
    }

    @Test func whatWasGatheredButNotRemovedCountsOnce() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        for number in 0..<20 {
            device.tick += 10
            device.allocate(8, owner: 4)
            try await history.receive(number == 0 ? device.keyframe() : device.delta())
        }
        // A collector that was killed between the two: the rows are there again.
        let pool = history.store.pool
        let before = try await pool.read { try StoredFrames($0) }
        let rows = try await pool.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM arrivals").map { ($0["id"] as Int64, FrameRecord($0)) }
        }
        try await ChunkWriter(store: history.store).gather()
        #expect(try await pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM arrivals") } == 0)
        try await pool.write { db in
            for (id, record) in rows { try record.insert(db, row: id) }
        }
        #expect(try await pool.read { try StoredFrames($0) } == before)
        let usage = try await pool.read { try Int.fetchOne($0, sql: "SELECT sum(allocated) FROM usage") }
        #expect(usage == 20)
        try await ChunkWriter(store: history.store).gather()
        #expect(try await pool.read { try StoredFrames($0) } == before)
        #expect(try await pool.read { try Int.fetchOne($0, sql: "SELECT sum(frames) FROM minutes") } == 20)
    }
}
