// SPDX-License-Identifier: Apache-2.0
//
// Reads a whole database and replays every frame in it: what is stored must be what was acknowledged.

internal import Foundation
internal import GRDB
internal import HeapHistory
internal import HeapReplica
internal import HeapWire

/// The findings of `dalloc-collector check`. It changes nothing, and may run beside a collector that writes.
public struct HistoryCheck: Encodable, Sendable {
    public private(set) var database: String
    public private(set) var devices = 0
    public private(set) var boots = 0
    public private(set) var heaps = 0
    /// Frames that were read, and those of them whose replayed table has the device's digest again.
    public private(set) var frames = 0
    public private(set) var verifiedFrames = 0
    /// Frames that were said to be exact, but whose beginnings are no longer kept.
    public private(set) var unverifiableFrames = 0
    public private(set) var gaps = 0
    /// One sentence each; the first hundred.
    public private(set) var findings: [String] = []
    public private(set) var findingCount = 0

    private static let mostFindings = 100

    /// - Parameter progress: called with the current device and the part that is done, 0 to 1.
    /// - Throws: ``StoreError`` when the database can't be opened or is not a history of ours.
    public init(path: String, progress: (String, Double) -> Void = { _, _ in }) throws(StoreError) {
        database = path
        do {
            let queue = try HistoryStore.openReadOnly(path)
            defer { try? queue.close() }
            try queue.read { try examine($0, progress) }
        } catch let error as StoreError {
            throw error
        } catch let error as DatabaseError where Damage.isDamage(error) {
            find("SQLite can't read it: \(error.message ?? "damaged").")
        } catch {
            throw StoreError(path: path, error)
        }
    }

    private mutating func find(_ finding: String) {
        findingCount += 1
        if findings.count < Self.mostFindings { findings.append(finding) }
    }

    private mutating func examine(_ db: Database, _ progress: (String, Double) -> Void) throws {
        progress("pages and indexes", 0)
        // A collector that ends takes its log into the file; one that runs has it beside it, empty when all of it is in the file. After a
        // crash, any reader of the database may have done the same: then what was acknowledged is there.
        let isAlone = FileIdentity.bytes(of: database + "-wal") == 0 && !FileLock.isHeld(path: database + "-lock")
        let ledger = try Ledger(db)
        let acknowledged = WorkInProgress.acknowledgedRow(path: database + "-inhand") ?? Int64.max
        if ledger.isOpen, isAlone, try ledger.lastRow(db) < acknowledged {
            find(
                "A collector had it open, and its log \(database)-wal is not there: what was recorded last is missing. "
                    + "Copy a database with `dalloc-collector backup`.")
        }
        for words in try String.fetchAll(db, sql: "PRAGMA integrity_check(\(Self.mostFindings))") where words != "ok" {
            find("SQLite: \(words).")
        }
        for row in try Row.fetchAll(db, sql: "PRAGMA foreign_key_check") {
            find("A row of \(row[0] as String) belongs to nothing.")
        }
        devices = try Int.fetchOne(db, sql: "SELECT count(*) FROM devices") ?? 0
        gaps = try Int.fetchOne(db, sql: "SELECT count(*) FROM gaps") ?? 0
        let ids = try Int64.fetchAll(db, sql: "SELECT id FROM boots ORDER BY id")
        boots = ids.count
        let arrivals = ArrivalIndex()
        try arrivals.load(db, at: .now)
        for (index, boot) in ids.enumerated() {
            progress("frames", Double(index) / Double(ids.count))
            try examine(boot: boot, arrivals, db)
        }
        progress("frames", 1)
    }

    private mutating func examine(boot: Int64, _ arrivals: ArrivalIndex, _ db: Database) throws {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT heaps.*, boots.boot, boots.build, boots.is_closed, boots.ticks_per_second, boots.anchor_tick,
                    boots.anchor_time, devices.name AS device
                FROM boots JOIN devices ON devices.id = boots.device_id JOIN heaps ON heaps.boot_id = boots.id
                WHERE boots.id = ?
                """, arguments: [boot])
        var sequences = SequenceRuns()
        // Frames before it may have been taken by retention, from one heap and not yet from another.
        var taken: UInt64 = 0
        for row in rows {
            let heap = try HeapRow(db, row)
            heaps += 1
            let name = "\(row["device"] as String), boot \(heap.boot), heap \(heap.name)"
            let frames = try HeapFrames(db, heapID: heap.id, arrivals: arrivals.heaps([heap.id])[heap.id])
            do {
                if let left = try examine(frames, of: heap, name, &sequences) {
                    taken = max(taken, left.isBegun ? 0 : UInt64(left.first))
                } else if heap.firstTime != nil {
                    taken = max(taken, UInt64(clamping: row["last_sequence"] as Int64) &+ 1)
                }
            } catch let problem as Problem {
                find("\(name): \(problem.message)")
            } catch let damaged as DamagedChunk {
                find("\(name): chunk \(damaged.chunk) of the database can't be read: \(damaged.cause).")
            }
        }
        let gaps = try Row.fetchAll(
            db,
            sql: "SELECT gaps.* FROM gaps JOIN heaps ON heaps.id = gaps.heap_id WHERE heaps.boot_id = ?",
            arguments: [boot]
        ).map { GapRecord($0) }
        for hole in sequences.holes
        where hole.lowerBound >= taken
            && !gaps.contains(where: {
                UInt64($0.startSequence) < hole.upperBound && UInt64($0.endSequence ?? .max) >= hole.upperBound
            })
        {
            let name = "\(rows.first?["device"] ?? "?"), boot \(rows.first?["boot"] ?? 0)"
            find("\(name): frames \(hole.lowerBound) to \(hole.upperBound &- 1) are missing, and no gap says so.")
        }
    }

    /// Returns the first frame that is left, and whether the heap began with it; nil when none is.
    private mutating func examine(
        _ stored: HeapFrames, of heap: HeapRow, _ name: String, _ sequences: inout SequenceRuns
    ) throws -> (first: UInt32, isBegun: Bool)? {
        let table = ReplicaTable(layout: heap.layout)
        var last: StoredFrame?
        var isBegun = false
        var left: (first: UInt32, isBegun: Bool)?
        try stored.forEach(after: 0) { frame in
            // Retention has taken the frames before this one, perhaps the table that it builds upon.
            if last == nil {
                isBegun = frame.time == heap.firstTime
                left = (frame.sequence, isBegun)
            }
            if let last, frame.sequence <= last.sequence || frame.time < last.time {
                find("\(name): frame \(frame.sequence) stands after frame \(last.sequence), which is later.")
            }
            frames += 1
            sequences.insert(frame.sequence)
            table.heed(frame)
            let verdict = try? table.apply(frame.payload)
            let isVerified = verdict == .exact || verdict == .corrected
            switch (frame.isExact, isVerified) {
            case (true, true): verifiedFrames += 1
            case (true, false) where !isBegun: unverifiableFrames += 1
            case (true, false) where heap.layout.isWatched && frame.holdsItsTable(heap.layout): verifiedFrames += 1
            case (true, false):
                find("\(name): frame \(frame.sequence) was exact when it was stored, and is not now.")
            default: break
            }
            if let state = frame.state {
                let known = ReplicaTable(layout: heap.layout)
                if !Checkpoint.restore(state, into: known) || (isVerified && !known.hasBlocks(of: table)) {
                    find("\(name): the table that is stored with frame \(frame.sequence) is not the frames' table.")
                }
                if !isVerified { _ = Checkpoint.restore(state, into: table) }
            }
            isBegun = isBegun || isVerified || frame.state != nil
            last = frame
            return true
        }
        return left
    }
}

extension StoredFrame {
    /// The table that is stored with it has the digest that the device told of. A watched heap's can become known after a loss by what was
    /// seen in between, of which a replay from before the loss knows less.
    fileprivate func holdsItsTable(_ layout: HeapLayout) -> Bool {
        let table = ReplicaTable(layout: layout)
        guard let state, Checkpoint.restore(state, into: table) else { return false }
        return fields.map { table.replica.agreesWatched(with: $0) } ?? false
    }
}

extension ReplicaTable {
    /// Same sizes, places and owners. When and where a block was allocated may be known to one of them only.
    fileprivate func hasBlocks(of other: ReplicaTable) -> Bool {
        guard replica.known == other.replica.known else { return false }
        return (0..<Int(replica.known)).allSatisfy { index in
            let (own, others) = (replica[index], other.replica[index])
            return own.size == others.size && own.offset == others.offset && own.owner == others.owner
        }
    }
}
