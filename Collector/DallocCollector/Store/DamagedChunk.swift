// SPDX-License-Identifier: Apache-2.0
//
// A chunk that can no longer be read as it was written, found by a question. Only it is unknown: the history goes on around it.

internal import GRDB
internal import HeapHistory
internal import Logging

struct DamagedChunk: Error {
    var heapID: Int64
    var chunk: Int64
    var cause: String

    /// The answer to the question that found it.
    var problem: Problem {
        Problem(
            .unknownInGap, "A part of this history can't be read any more: it has changed on the disk (\(cause)).",
            hint: "`dalloc gaps` says from when to when; ask for a moment outside it, or restore a backup.")
    }

    /// The gap that it leaves. Its ends come from the indexes, which are on other pages than the chunk.
    func gap(_ db: Database) throws -> GapRecord? {
        let sequences = try Row.fetchAll(
            db,
            sql: """
                SELECT id, first_sequence FROM chunks INDEXED BY chunks_by_sequence WHERE heap_id = ?
                ORDER BY first_sequence
                """, arguments: [heapID])
        let times = try Row.fetchAll(
            db, sql: "SELECT id, first_time FROM chunks INDEXED BY chunks_by_time WHERE heap_id = ?",
            arguments: [heapID]
        ).reduce(into: [Int64: Int64]()) { $0[$1["id"]] = $1["first_time"] }
        guard let index = sequences.firstIndex(where: { $0["id"] == chunk }) else { return nil }
        let next = index + 1 < sequences.count ? sequences[index + 1] : nil
        let first: UInt32 = sequences[index].narrow("first_sequence")
        return GapRecord(
            heapID: heapID, startSequence: first > 0 ? first &- 1 : 0,
            startTime: times[chunk].map { Timestamp(microseconds: $0 &- 1) },
            endSequence: next.map { $0.narrow("first_sequence") },
            endTime: next.flatMap { times[$0["id"]] }.map { Timestamp(microseconds: $0) }, cause: .storageDamage,
            operations: nil, frames: nil)
    }
}

extension HistoryStore {
    /// Enters what a question has found, so that `gaps` tells of it.
    func note(_ damaged: DamagedChunk) async {
        do {
            let isNew = try await commits.commit { db -> Bool in
                guard let gap = try damaged.gap(db) else { return false }
                let known = try GapRecord.exists(gap, db)
                if !known { try gap.write(db) }
                return !known
            }
            guard isNew else { return }
            logger.error(
                "a part of a history has changed on the disk: it is answered as unknown",
                metadata: ["heap": "\(damaged.heapID)", "chunk": "\(damaged.chunk)", "error": "\(damaged.cause)"])
        } catch {
            damage.note(error)
        }
    }
}

extension GapRecord {
    fileprivate static func exists(_ gap: GapRecord, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db, sql: "SELECT 1 FROM gaps WHERE heap_id = ? AND start_sequence = ?",
            arguments: [gap.heapID, Int64(gap.startSequence)]) ?? false
    }
}
