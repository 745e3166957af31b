// `moves`: what compaction relocated, found by replaying the operations of a range.

internal import GRDB
public import HeapHistory
internal import HeapWire

extension HistoryQuery {
    /// - Parameters:
    ///   - since: operations after this moment.
    ///   - until: operations up to and with this moment.
    ///   - limit: the most moves to answer with; the latest are kept.
    /// - Throws: ``Problem`` when there is no such device, heap or frame.
    public func moves(
        device: String, heap: String?, since: Moment, until: Moment, limit: Int
    ) async throws -> MoveList {
        try await read(device, heap) { db, selection in
            let range = try MoveRange(db, selection, since: since, until: until)
            var collector = MoveCollector(limit: limit)
            for heap in selection.rows.reversed() where range.isInBoot(heap) {
                try collect(selection.frames(db, heap), heap, range, &collector)
            }
            let moves = collector.latest
            return MoveList(
                device: device, heap: selection.current.number, name: selection.current.name,
                since: range.since, until: range.until, moves: moves, truncated: collector.isTruncated,
                knownUntil: selection.knownUntil,
                gaps: try Self.gaps(db, selection, since: range.since, until: range.until))
        }
    }
}

/// The operations that a question is about, by time and by sequence number.
private struct MoveRange {
    var since = Timestamp(microseconds: Int64.min)
    var until = Timestamp(microseconds: Int64.max)
    /// Frames of the current boot that are wholly before, or the last that are within, the range.
    var after: UInt32?
    var through: UInt32?
    private let currentBoot: Int64

    init(_ db: Database, _ selection: HeapSelection, since: Moment, until: Moment) throws {
        currentBoot = selection.current.bootRowID
        switch since {
        case .time(let time): self.since = time
        case .latest: self.since = selection.knownUntil ?? .now
        case .sequence(let sequence):
            after = sequence
            self.since = try Self.time(db, selection, sequence)
        }
        switch until {
        case .time(let time): self.until = time
        case .latest: self.until = selection.knownUntil ?? .now
        case .sequence(let sequence):
            through = sequence
            self.until = try Self.time(db, selection, sequence)
        }
    }

    private static func time(_ db: Database, _ selection: HeapSelection, _ sequence: UInt32) throws -> Timestamp {
        let heap = try HistoryQuery.heapRow(selection, sequence: sequence, db)
        return try selection.frames(db, heap).last(through: Int64(sequence))?.time ?? heap.clock.segments[0].time
    }

    func isInBoot(_ heap: HeapRow) -> Bool {
        after == nil && through == nil || heap.bootRowID == currentBoot
    }

    /// Times inside a frame don't matter where its sequence number decides.
    func contains(_ time: Timestamp, sequence: UInt32) -> Bool {
        (after.map { sequence > $0 } ?? (time > since)) && (through.map { sequence <= $0 } ?? (time <= until))
    }
}

/// Keeps the latest moves up to a limit.
private struct MoveCollector {
    let limit: Int
    private var moves: [Move] = []
    private(set) var isTruncated = false

    init(limit: Int) { self.limit = limit }

    mutating func add(_ move: Move) {
        moves.append(move)
        guard moves.count >= limit * 2 + 64 else { return }
        moves.removeFirst(moves.count - limit)
        isTruncated = true
    }

    var latest: [Move] { Array(moves.suffix(limit)) }
    mutating func finish() { isTruncated = isTruncated || moves.count > limit }
}

/// Replays the heap from the last checkpoint before the range to its end.
private func collect(
    _ frames: HeapFrames, _ heap: HeapRow, _ range: MoveRange, _ moves: inout MoveCollector
) throws {
    defer { moves.finish() }
    let before = try range.after.map { try frames.last(through: Int64($0)) } ?? frames.last(at: range.since)
    let start = Int64(before?.sequence ?? 0)
    let table = try frames.material(through: start).makeTable(heap.layout)
    var previousTime = before?.time
    try frames.forEach(after: start) { frame in
        if let through = range.through {
            guard frame.sequence <= through else { return false }
        } else if let previousTime, previousTime > range.until {
            return false
        }
        previousTime = frame.time
        let isKnown = frame.isExact && frame.fields?.lost == 0 && table.replica.standing == .exact
        guard try !isKnown || !list(frame, in: table, heap, range, &moves) else { return true }
        // A keyframe, or the way back from a gap.
        _ = try? table.apply(frame.payload)
        return true
    }
}

/// Replays the operations of one frame, which was exact when it came, and lists what they move. False when it has none to replay.
private func list(
    _ frame: StoredFrame, in table: ReplicaTable, _ heap: HeapRow, _ range: MoveRange, _ moves: inout MoveCollector
) throws -> Bool {
    try frame.payload.withUnsafeBufferPointer { bytes in
        guard let base = bytes.baseAddress,
            var operations = try StateFrame(payload: base, count: bytes.count).operations(in: heap.layout)
        else { return false }
        while let operation = try operations.next() {
            let time = heap.clock.time(of: operations.tick)
            if range.contains(time, sequence: frame.sequence),
                let relocation = table.replica.relocation(by: operation)
            {
                add(relocation, by: operation, in: table, at: time, frame, heap, &moves)
            }
            table.perform(operation, at: operations.tick)
        }
        return true
    }
}

private func add(
    _ relocation: Relocation, by operation: Operation, in table: ReplicaTable, at time: Timestamp, _ frame: StoredFrame,
    _ heap: HeapRow, _ moves: inout MoveCollector
) {
    let freed = table.replica[relocation.cause]
    let word: MoveCause.Operation =
        switch operation {
        case .resize: .resize
        case .compact: .compact
        default: .free
        }
    let cause = MoveCause(
        operation: word,
        allocation: freed.allocation == 0 ? nil : Int(freed.allocation), index: relocation.cause,
        address: Address(heap.layout.baseAddress &+ UInt64(freed.offset)), size: Int(freed.size),
        owner: freed.owner == 0 ? nil : Address(freed.owner))
    for index in relocation.moved {
        let block = table.replica[index]
        let from = heap.layout.baseAddress &+ UInt64(block.offset)
        moves.add(
            Move(
                time: time, boot: heap.boot, sequence: Int(frame.sequence),
                allocation: block.allocation == 0 ? nil : Int(block.allocation), from: Address(from),
                to: Address(from &+ UInt64(bitPattern: relocation.distance)),
                bytes: Int(table.replica.alignedSize(index)), cause: cause))
    }
}
