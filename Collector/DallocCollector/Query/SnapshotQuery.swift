// `snapshot`: the allocation table of a heap at one moment, replayed from the last checkpoint before it.

internal import GRDB
public import HeapHistory
internal import HeapWire

extension HistoryQuery {
    /// - Throws: ``Problem`` when there is no such device, heap or frame, or the moment lies in a gap.
    public func snapshot(device: String, heap: String?, at moment: Moment) async throws -> Snapshot {
        try await read { db in
            let selection = try HeapSelection(db, device: device, heap: heap)
            switch moment {
            case .sequence(let sequence): return try Self.snapshot(db, selection, sequence: sequence)
            case .time(let time): return try Self.snapshot(db, selection, time: time)
            }
        }
    }

    private static func snapshot(_ db: Database, _ selection: HeapSelection, sequence: UInt32) throws -> Snapshot {
        let heap = try heapRow(selection, sequence: sequence, db)
        guard let frame = try FramePlace.last(db, heap, through: Int64(sequence)) else {
            throw Problem(
                .notFound,
                "Nothing is stored of the heap \(heap.name) of \(selection.device) up to frame #\(sequence).",
                hint: "Its first frame is later; `dalloc history \(selection.device)` shows what there is.")
        }
        // A frame that never came has none of its own to say so.
        guard frame.isExact, try !GapRecord.exists(db, heap, around: sequence) else {
            throw unknown(selection, "at frame #\(sequence)")
        }
        let table = try ReplayMaterial(db, heapID: heap.id, through: Int64(frame.sequence)).makeTable(heap.layout)
        return try snapshot(selection, heap, table, at: frame.time, time: frame.time, sequence: frame.sequence)
    }

    private static func snapshot(_ db: Database, _ selection: HeapSelection, time: Timestamp) throws -> Snapshot {
        var found: (heap: HeapRow, frame: FramePlace)?
        for heap in selection.rows {
            guard let frame = try FramePlace.last(db, heap, at: time) else { continue }
            if let best = found, best.frame.time >= frame.time { continue }
            found = (heap, frame)
        }
        guard let (heap, frame) = found else {
            throw Problem(
                .notFound, "Nothing is known of the heap \(selection.current.name) of \(selection.device) at \(time).",
                hint: "Its history begins later; `dalloc devices` shows when the device was first seen.")
        }
        let isOff = try offTimes(db, selection.rows).contains { $0.start < time && time < $0.end }
        guard frame.isExact, !isOff, try !GapRecord.exists(db, heap, around: time) else {
            throw unknown(selection, "at \(time)")
        }
        let table = try ReplayMaterial(db, heapID: heap.id, through: Int64(frame.sequence)).makeTable(heap.layout)
        var known = frame.time
        if time > frame.time, let next = try FramePlace.next(db, heap, after: frame.sequence) {
            guard next.isExact, next.lost == 0 else { throw unknown(selection, "at \(time)") }
            try replay(next, in: table, heap, until: time)
            known = time
        }
        return try snapshot(selection, heap, table, at: time, time: known, sequence: frame.sequence)
    }

    /// The operations of the frame that happened up to `time`.
    private static func replay(
        _ frame: FramePlace, in table: ReplicaTable, _ heap: HeapRow, until time: Timestamp
    ) throws {
        try frame.payload.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress,
                var operations = try StateFrame(payload: base, count: bytes.count).operations(in: heap.layout)
            else { return }
            while let operation = try operations.next(), heap.clock.time(of: operations.tick) <= time {
                table.perform(operation, at: operations.tick)
            }
        }
    }

    private static func snapshot(
        _ selection: HeapSelection, _ heap: HeapRow, _ table: ReplicaTable, at moment: Timestamp, time: Timestamp,
        sequence: UInt32
    ) throws -> Snapshot {
        guard table.replica.standing == .exact else {
            throw Problem(
                .internalError, "The stored frames of \(selection.device) up to #\(sequence) no longer replay.",
                hint: "The database may be damaged: `PRAGMA integrity_check` in sqlite3 tells.")
        }
        let entries = (0..<Int(table.replica.known)).map { index in
            let entry = table.replica[index]
            return SnapshotEntry(
                index: index, offset: Int(entry.offset),
                address: Address(heap.layout.baseAddress &+ UInt64(entry.offset)), size: Int(entry.size),
                owner: entry.owner == 0 ? nil : Address(entry.owner),
                callSite: entry.callSite == 0 ? nil : Address(entry.callSite),
                allocation: entry.allocation == 0 ? nil : Int(entry.allocation),
                allocatedAt: entry.tick == ReplicaEntry.unknownTick ? nil : heap.clock.time(of: entry.tick))
        }
        return Snapshot(
            device: selection.device, boot: heap.boot, build: heap.build, heap: heap.number, name: heap.name,
            baseAddress: Address(heap.layout.baseAddress), size: Int(heap.layout.size),
            alignment: Int(heap.layout.alignment), at: moment, time: time, sequence: Int(sequence),
            used: Int(table.replica.used), entries: entries)
    }

    /// The heap in the current boot whose frames include `sequence`: a heap that was made anew has several rows.
    static func heapRow(_ selection: HeapSelection, sequence: UInt32, _ db: Database) throws -> HeapRow {
        let current = selection.rows.filter { $0.bootRowID == selection.current.bootRowID }
        let stored = try UInt32.fetchOne(
            db, sql: "SELECT last_sequence FROM boots WHERE id = ?", arguments: [selection.current.bootRowID])
        guard let stored, sequence <= stored else {
            throw Problem(
                .notFound, "Frame #\(sequence) of \(selection.device) has not come yet; the latest is #\(stored ?? 0).",
                hint: "Ask for an earlier one.")
        }
        for heap in current.sorted(by: { $0.lastSequence > $1.lastSequence }) {
            if try FramePlace.last(db, heap, through: Int64(sequence)) != nil { return heap }
        }
        return selection.current
    }

    private static func unknown(_ selection: HeapSelection, _ moment: String) -> Problem {
        Problem(
            .unknownInGap,
            "The table of the heap \(selection.current.name) of \(selection.device) is not known \(moment): operations are missing there.",
            hint: "`dalloc gaps \(selection.device)` lists what is missing; ask for a moment outside it.")
    }
}

/// A stored frame: where it stands, and what it carries.
struct FramePlace: Sendable {
    var sequence: UInt32
    var time: Timestamp
    var isExact: Bool
    var lost: Int64
    var payload: [UInt8]

    init(_ row: Row) {
        sequence = row["sequence"]
        time = Timestamp(microseconds: row["time"])
        isExact = row["exact"]
        lost = row["lost_operations"]
        payload = row.bytes("payload")
    }

    private static let columns = "SELECT sequence, time, exact, lost_operations, payload FROM frames WHERE heap_id = ?"

    static func last(_ db: Database, _ heap: HeapRow, through sequence: Int64) throws -> FramePlace? {
        try Row.fetchOne(
            db.cachedStatement(sql: columns + " AND sequence <= ? ORDER BY sequence DESC LIMIT 1"),
            arguments: [heap.id, sequence]
        ).map { FramePlace($0) }
    }

    static func last(_ db: Database, _ heap: HeapRow, at time: Timestamp) throws -> FramePlace? {
        try Row.fetchOne(
            db.cachedStatement(sql: columns + " AND time <= ? ORDER BY time DESC, sequence DESC LIMIT 1"),
            arguments: [heap.id, time.microseconds]
        ).map { FramePlace($0) }
    }

    static func next(_ db: Database, _ heap: HeapRow, after sequence: UInt32) throws -> FramePlace? {
        try Row.fetchOne(
            db.cachedStatement(sql: columns + " AND sequence > ? ORDER BY sequence LIMIT 1"),
            arguments: [heap.id, Int64(sequence)]
        ).map { FramePlace($0) }
    }
}
