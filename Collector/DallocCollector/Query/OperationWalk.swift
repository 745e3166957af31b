// SPDX-License-Identifier: Apache-2.0
//
// Replays heaps through a range of their history, and shows each operation together with the table before it, as far as one question's work
// goes.

internal import HeapHistory
internal import HeapReplica
internal import HeapWire

struct OperationWalk {
    /// What is about to happen: an ``Operation``, or a ``PinChange``, which leaves the table as it is.
    struct Step<Event> {
        let event: Event
        let time: Timestamp
        let tick: UInt64
        let sequence: UInt32
        /// Its place among the operations of its frame, pins with them: 0 for the first.
        let place: Int
        let heap: HeapRow
        /// The first one after operations that are missing: the table before it came whole.
        let isAfterGap: Bool
    }

    let range: OperationRange
    /// All that happened up to this moment was looked at when the work ended; nil when it did not.
    private(set) var stoppedAt: Timestamp?
    private let work: WorkBudget
    private let steps: Int
    /// What the tables cost with which the walk through each heap begins.
    private var preparation = 0
    /// What was replayed last was not known, or not to its end.
    private var isInGap = false
    /// The last frame that was looked at to its end.
    private var lastFrame: UInt32?

    /// - Parameter steps: the work that it may cost: ``WorkBudget``. The table that it begins with is not counted: a walk that
    /// goes on where
    ///   another stopped must come further.
    init(range: OperationRange, work: WorkBudget, steps: Int = WorkBudget.standard) {
        (self.range, self.work, self.steps) = (range, work, steps)
    }

    private var isOver: Bool { work.isOver || work.steps - preparation >= steps }

    /// Walks through the heap from the last checkpoint before the range to its end.
    /// - Parameters:
    ///   - after: frames after this one, whatever the range says of where it begins.
    ///   - begin: gets the table as it is at the beginning.
    ///   - passOver: gets each frame whose operations can't be replayed.
    ///   - pin: gets each pin and unpin in the range, and the table at its moment. False ends the walk.
    ///   - visit: gets each operation in the range, and the table before it. False ends the walk.
    mutating func walk(
        _ frames: HeapFrames, _ heap: HeapRow, after: UInt32? = nil, begin: (ReplicaTable) -> Void = { _ in },
        passOver: (StoredFrame) -> Void = { _ in },
        pin: (Step<PinChange>, ReplicaTable) throws -> Bool = { _, _ in true },
        visit: (Step<Operation>, ReplicaTable) throws -> Bool
    ) throws {
        guard !isOver else { return stop(before: heap.firstTime) }
        let done = work.steps
        let before =
            try (after ?? range.after).map { try frames.last(through: Int64($0)) } ?? frames.last(at: range.since)
        let start = Int64(before?.sequence ?? 0)
        let table = try frames.material(through: start).makeTable(heap.layout)
        preparation += work.steps - done
        begin(table)
        var previousTime = before?.time
        try frames.forEach(after: start) { frame in
            if let through = range.through {
                guard frame.sequence <= through else { return false }
            } else if let previousTime, previousTime > range.until {
                return false
            }
            guard !isOver else { return false }
            previousTime = frame.time
            defer { if !isOver { lastFrame = frame.sequence } }
            let isKnown = frame.isExact && frame.fields?.lost == 0 && table.replica.standing == .exact
            if isKnown, let goesOn = try replay(frame, in: table, heap, pin, visit) { return goesOn }
            // A keyframe, or the way back from a gap.
            passOver(frame)
            if !isKnown || frame.fields?.lost != 0 { isInGap = true }
            table.heed(frame)
            work.counting(table) { _ = try? table.apply(frame.payload) }
            // What was seen in a gap may have proved a table that cannot be replayed from before it.
            if frame.isExact, table.replica.standing != .exact, let state = frame.state {
                _ = Checkpoint.restore(state, into: table)
            }
            return true
        }
        if isOver { stop(before: previousTime) }
    }

    /// Replays the operations of one frame, which was exact when it came. Nil when it has none to replay, false when the walk is over.
    private mutating func replay(
        _ frame: StoredFrame, in table: ReplicaTable, _ heap: HeapRow,
        _ pin: (Step<PinChange>, ReplicaTable) throws -> Bool, _ visit: (Step<Operation>, ReplicaTable) throws -> Bool
    ) throws -> Bool? {
        try frame.payload.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress,
                var operations = try StateFrame(payload: base, count: bytes.count).operations(in: heap.layout)
            else { return nil }
            var (place, pins) = (0, 0)
            /// The event with its place; nil outside the range.
            func step<Event>(_ event: Event, _ tick: UInt64) -> Step<Event>? {
                defer { place += 1 }
                let time = heap.clock.time(of: tick)
                guard range.contains(time, sequence: frame.sequence) else { return nil }
                return Step(
                    event: event, time: time, tick: tick, sequence: frame.sequence, place: place, heap: heap,
                    isAfterGap: isInGap)
            }
            while true {
                let operation = try operations.next { table.replica.owner(atDepth: $0) }
                if isOver {
                    stop(before: heap.clock.time(of: operations.tick))
                    return false
                }
                // Those that came before the operation.
                for change in operations.pins[pins...] {
                    if let step = step(change, change.tick), try !pin(step, table) { return false }
                }
                pins = operations.pins.count
                guard let operation else { return true }
                if let step = step(operation, operations.tick) {
                    isInGap = false
                    guard try visit(step, table) else { return false }
                }
                work.counting(table) { table.perform(operation, at: operations.tick) }
            }
        }
    }

    /// Where a walk that stopped goes on.
    func reached(in heap: HeapRow) -> OperationCursor? {
        lastFrame.map { OperationCursor(heap: heap.id, sequence: $0, place: .max) }
    }

    /// At `time` itself there may be more, unless there was none before it: a walk that goes on from there must get further.
    private mutating func stop(before time: Timestamp?) {
        guard stoppedAt == nil else { return }
        let time = max(time ?? range.since, range.since)
        let before = time.later(byMicroseconds: -1)
        stoppedAt = before > range.since ? before : time
    }
}

extension OperationWalk.Step where Event == Operation {
    var operation: Operation { event }
}
