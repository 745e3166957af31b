// SPDX-License-Identifier: Apache-2.0
//
// `snapshot`: the allocation table of a heap at one moment, replayed from the last checkpoint before it.

internal import GRDB
public import HeapHistory
internal import HeapReplica
internal import HeapWire

extension HistoryQuery {
    /// - Throws: ``Problem`` when there is no such device, heap or frame, or the moment lies in a gap.
    public func snapshot(device: String, heap: String?, at moment: Moment) async throws -> Snapshot {
        try await read(device, heap) { db, selection in
            switch moment {
            case .sequence(let sequence): return try Self.snapshot(db, selection, sequence: sequence)
            case .time(let time):
                guard try !selection.isDoubtful(time, db) else { throw Self.doubtful(selection, time) }
                return try Self.snapshot(db, selection, time: time)
            // "Latest" is the last frame, whatever its time.
            case .latest: return try Self.snapshot(db, selection, time: selection.knownUntil ?? .now)
            }
        }
    }

    private static func snapshot(_ db: Database, _ selection: HeapSelection, sequence: UInt32) throws -> Snapshot {
        let heap = try heapRow(selection, sequence: sequence, db)
        let frames = try selection.frames(db, heap)
        guard let frame = try frames.last(through: Int64(sequence)) else {
            if let gap = try GapRecord.fetch(db, heap, around: sequence) {
                throw unknown(selection, "at frame #\(sequence)", in: gap)
            }
            throw Problem(
                .notFound,
                "Nothing is stored of the heap \(heap.name) of \(selection.device) up to frame #\(sequence).",
                hint: "Its first frame is later; `dalloc history \(selection.device)` shows what there is.")
        }
        // A frame that never came can't say so itself.
        let gap = try GapRecord.fetch(db, heap, around: sequence)
        guard frame.isExact, gap == nil else {
            if let certain = try uncertain(selection, heap, frames, frame, at: frame.time) { return certain }
            throw unknown(selection, "at frame #\(sequence)", in: gap)
        }
        let table = try table(of: selection, heap, try frames.material(through: Int64(frame.sequence)))
        try check(table, selection, frame)
        return snapshot(selection, heap, table, at: frame.time, time: frame.time, frame)
    }

    private static func snapshot(_ db: Database, _ selection: HeapSelection, time: Timestamp) throws -> Snapshot {
        if let silence = selection.silence(before: time) { throw unknown(selection, time, since: silence) }
        var found: (heap: HeapRow, frames: HeapFrames, frame: StoredFrame)?
        // The latest boot is the one that ran, whatever the times of an earlier one say.
        for heap in selection.rows {
            if let found, found.heap.bootRowID != heap.bootRowID { break }
            let frames = try selection.frames(db, heap)
            guard let frame = try frames.last(at: time) else { continue }
            if let best = found, best.frame.sequence >= frame.sequence { continue }
            found = (heap, frames, frame)
        }
        guard let (heap, frames, frame) = found else {
            throw Problem(
                .notFound, "Nothing is known of the heap \(selection.current.name) of \(selection.device) at \(time).",
                hint: "Its history begins later; `dalloc devices` shows when the device was first seen.")
        }
        // Another boot came after this one's last frame.
        let isOff = heap.bootRowID != selection.rows.first?.bootRowID && selection.lastTime(ofBoot: heap) < time
        let gap = try GapRecord.fetch(db, heap, around: time)
        guard frame.isExact, !isOff, gap == nil else {
            if !isOff, let certain = try uncertain(selection, heap, frames, frame, at: time) { return certain }
            throw unknown(selection, "at \(time)", in: isOff ? nil : gap)
        }
        let table = try table(of: selection, heap, try frames.material(through: Int64(frame.sequence)))
        var known = frame.time
        if time > frame.time, let next = try frames.next(after: frame.sequence) {
            guard next.isExact, next.fields?.lost == 0 else { throw unknown(selection, "at \(time)", in: gap) }
            try replay(next, in: table, heap, until: time)
            known = time
        }
        try check(table, selection, frame)
        return snapshot(selection, heap, table, at: time, time: known, frame)
    }

    /// What is certain of a heap that can't be listed, after a frame since which operations are missing; nil where nothing is.
    private static func uncertain(
        _ selection: HeapSelection, _ heap: HeapRow, _ frames: HeapFrames, _ frame: StoredFrame, at time: Timestamp
    ) throws -> Snapshot? {
        guard heap.layout.isWatched, !frame.isExact else { return nil }
        let table = try frames.material(through: Int64(frame.sequence)).makeTable(heap.layout)
        guard table.replica.standing == .uncertain, table.replica.known > 0 else { return nil }
        return snapshot(selection, heap, table, at: time, time: frame.time, frame)
    }

    /// The table after an exact frame.
    private static func table(
        of selection: HeapSelection, _ heap: HeapRow, _ material: ReplayMaterial
    ) throws -> ReplicaTable {
        let table = material.makeTable(heap.layout)
        guard table.replica.standing != .exact, material.isCut else { return table }
        throw Problem(
            .notFound, "The operations that led to this table of \(selection.device) are no longer kept.",
            hint: "Ask for a later moment; `dalloc-collector serve --keep-detail` says how long they are.")
    }

    /// The operations of the frame that happened up to `time`.
    private static func replay(
        _ frame: StoredFrame, in table: ReplicaTable, _ heap: HeapRow, until time: Timestamp
    ) throws {
        try frame.payload.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress,
                var operations = try StateFrame(payload: base, count: bytes.count).operations(in: heap.layout)
            else { return }
            while let operation = try operations.next({ table.replica.owner(atDepth: $0) }),
                heap.clock.time(of: operations.tick) <= time
            {
                table.perform(operation, at: operations.tick)
            }
        }
    }

    private static func check(_ table: ReplicaTable, _ selection: HeapSelection, _ frame: StoredFrame) throws {
        guard table.replica.standing != .exact else { return }
        throw Problem(
            .internalError, "The stored frames of \(selection.device) up to #\(frame.sequence) no longer replay.",
            hint: "The database may be damaged: `PRAGMA integrity_check` in sqlite3 tells.")
    }

    private static func snapshot(
        _ selection: HeapSelection, _ heap: HeapRow, _ table: ReplicaTable, at moment: Timestamp, time: Timestamp,
        _ frame: StoredFrame
    ) -> Snapshot {
        let (sequence, frameTime) = (frame.sequence, frame.time)
        return Snapshot(
            device: selection.device, boot: heap.boot, build: heap.build, heap: heap.number, name: heap.name,
            baseAddress: Address(heap.layout.baseAddress), size: Int(heap.layout.size),
            alignment: Int(heap.layout.alignment), watched: heap.layout.isWatched, at: moment, time: time,
            sequence: Int(sequence), frameTime: frameTime, knownUntil: selection.knownUntil ?? frameTime,
            used: Int(clamping: table.replica.used), complete: table.replica.standing == .exact,
            entries: SnapshotEntry.all(of: table, heap))
    }

    /// The heap's row in the current boot whose frames include `sequence`: a heap that was made anew has several rows.
    static func heapRow(_ selection: HeapSelection, sequence: UInt32, _ db: Database) throws -> HeapRow {
        guard sequence <= selection.lastSequence else {
            throw Problem(
                .notFound,
                "Frame #\(sequence) of \(selection.device) has not come yet; the latest is #\(selection.lastSequence).",
                hint: "Ask for an earlier one.")
        }
        // A step of the collector's clock splits a boot into rows; its frames are one series.
        var boots: Set = [selection.current.bootRowID]
        for row in selection.rows where row.isClosed && row.boot == selection.current.boot {
            boots.insert(row.bootRowID)
        }
        let current = selection.rows.filter { boots.contains($0.bootRowID) }
        for heap in current.sorted(by: { $0.lastSequence > $1.lastSequence }) {
            if try selection.frames(db, heap).last(through: Int64(sequence)) != nil { return heap }
        }
        return selection.current
    }

    private static func unknown(_ selection: HeapSelection, _ time: Timestamp, since silence: Gap) -> Problem {
        let name = "the heap \(selection.current.name) of \(selection.device)"
        let known = silence.start.map { "\($0)" } ?? "ever"
        if time > .now {
            return Problem(
                .unknownInGap, "\(time) is in the future: \(name) is known until \(known).",
                hint: "Leave the moment away for the last table that is known.")
        }
        let why = silence.cause == .disconnected ? "the connection ended then" : "the device is connected and silent"
        return Problem(
            .unknownInGap, "Nothing is known of \(name) since \(known): no word from the device, \(why).",
            hint: "Leave the moment away for the last table that is known.")
    }

    private static func doubtful(_ selection: HeapSelection, _ time: Timestamp) -> Problem {
        Problem(
            .unknownInGap,
            """
            What the heap \(selection.current.name) of \(selection.device) had at \(time) is not known: the collector's clock was wrong \
            then, or was set.
            """,
            hint: "`dalloc gaps \(selection.device)` lists such times; #SEQUENCE asks for a frame by its number.")
    }

    private static func unknown(_ selection: HeapSelection, _ moment: String, in gap: GapRecord?) -> Problem {
        let table = "The table of the heap \(selection.current.name) of \(selection.device) is not known \(moment)"
        if let gap, gap.cause == .summarized { return summarized(selection, table, gap) }
        return Problem(
            .unknownInGap, "\(table): operations are missing there.",
            hint: "`dalloc gaps \(selection.device)` lists what is missing; ask for a moment outside it.")
    }

    private static func summarized(_ selection: HeapSelection, _ table: String, _ gap: GapRecord) -> Problem {
        let span =
            switch (gap.startTime, gap.endTime) {
            case (let start?, let end?): " from \(start) to \(end)"
            case (let start?, nil): " from \(start) on"
            case (nil, let end?): " until \(end)"
            case (nil, nil): ""
            }
        return Problem(
            .unknownInGap, "\(table): the device told of the heap in summaries\(span).",
            hint: gap.endTime == nil
                ? "`dalloc detail \(selection.device) full` brings its operations, from then on."
                : "`dalloc gaps \(selection.device)` lists such times; ask for a moment outside them.")
    }
}
