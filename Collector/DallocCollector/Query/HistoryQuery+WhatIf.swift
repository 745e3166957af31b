// SPDX-License-Identifier: Apache-2.0
//
// `whatif`: the operations of a range, done again in another heap.

internal import GRDB
public import HeapHistory
internal import HeapReplica
internal import HeapWire

extension HistoryQuery {
    /// - Parameters:
    ///   - since: operations after this moment.
    ///   - until: operations up to and with this moment.
    /// - Throws: ``Problem`` when there is no such device, heap or frame.
    public func whatIf(
        device: String, heap: String?, _ other: OtherHeap, since: Moment, until: Moment
    ) async throws -> WhatIfAnswer {
        let work = WorkBudget(limit: mostWork)
        return try await read(device, heap, work) { db, selection in
            let range = try OperationRange(db, selection, since: since, until: until)
            var walk = OperationWalk(range: range, work: work, steps: .max)
            let (layout, end) = (selection.current.layout, min(range.until, selection.knownUntil ?? range.until))
            let beginning = max(range.since, selection.knownSince ?? range.since)
            var replay = WhatIfReplay(other, layout, from: beginning, to: max(end, beginning))
            for heap in selection.rows.reversed() where range.isInBoot(heap) {
                guard heap.lastTime ?? range.since >= range.since, heap.firstTime ?? range.until <= range.until else {
                    continue
                }
                replay.begin(heap)
                try walk.walk(
                    selection.frames(db, heap), heap,
                    pin: { step, _ in
                        if step.event.isPinned { replay.pins += 1 }
                        return true
                    },
                    visit: { step, table in
                        replay.perform(step, table)
                        // A step of a model is about as long as one of a replica that looks at ten entries.
                        work.spend(20)
                        return true
                    })
            }
            guard !work.isExhausted || walk.stoppedAt != nil else { throw Self.tooMuchWork(device) }
            var answer = replay.answer(device, selection.current, range, end: end)
            (answer.knownUntil, answer.stoppedAt) = (selection.knownUntil, walk.stoppedAt)
            answer.gaps = try Self.gaps(db, selection, since: range.since, until: range.until)
            return answer
        }
    }
}

/// Follows the blocks of a table into another heap.
private struct WhatIfReplay {
    private let other: OtherHeap
    private let layout: HeapLayout
    private let allocator: WhatIfAnswer.Allocator
    private var run: WhatIfRun
    /// Of each block in the table a number that no other block of the run has.
    private var numbers: [UInt64] = []
    private var next: UInt64 = 1
    private var boot: UInt32 = 0
    private var needsTable = true
    private var hasBegun = false
    private var (recordedFailures, recordedMoves) = (Count.zero, Count.zero)
    private var failure: WhatIfAnswer.Failure?
    var pins = Count.zero

    init(_ other: OtherHeap, _ layout: HeapLayout, from start: Timestamp, to end: Timestamp) {
        (self.other, self.layout) = (other, layout)
        allocator = other.allocator ?? (layout.isLazy ? .lazy : .eager)
        let heap = ModelledAllocator(allocator).heap(
            size: other.size ?? UInt32(clamping: layout.room), alignment: layout.alignment,
            mostBlocks: allocator.isExact ? other.tableSize ?? layout.tableSize : nil, pointerWidth: layout.pointerWidth
        )
        run = WhatIfRun(heap, from: start.microseconds, to: end.microseconds)
    }

    mutating func begin(_ heap: HeapRow) {
        (boot, needsTable) = (heap.boot, true)
    }

    mutating func perform(_ step: OperationWalk.Step<Operation>, _ table: ReplicaTable) {
        let time = step.time.microseconds
        // After a gap, or in another boot, the table is another one.
        if needsTable || step.isAfterGap || numbers.count != Int(table.replica.liveBlocks) { take(table, step) }
        let moved = table.replica.relocation(by: step.operation).map { bytes($0, table) } ?? 0
        recordedMoves += moved
        switch step.operation {
        case .alloc(let size, _, _), .allocAt(_, let size, _):
            guard let target = table.replica.target(of: step.operation) else { return }
            numbers.insert(next, at: target)
            run.allocate(block: next, size: size, at: time)
            next &+= 1
        case .free, .freeAt:
            guard let block = table.replica.block(of: step.operation) else { return }
            run.free(block: numbers.remove(at: block), at: time)
        case .resize(_, let size), .resizeAt(_, let size, _):
            guard let block = table.replica.block(of: step.operation) else { return }
            run.resize(block: numbers[block], to: size, at: time)
            if let target = table.replica.target(of: step.operation) {
                numbers.insert(numbers.remove(at: block), at: target)
            }
        case .reset:
            numbers = []
            run.reset(at: time)
        case .failed: recordedFailures += 1
        case .reown, .orphan, .badPointer, .compact: break
        }
        note(step)
    }

    private func bytes(_ relocation: Relocation, _ table: ReplicaTable) -> Int {
        guard let first = relocation.moved.first, let last = relocation.moved.last else { return 0 }
        let end = table.replica[last].offset &+ table.replica.alignedSize(last)
        return Int(clamping: end &- table.replica[first].offset)
    }

    private mutating func take(_ table: ReplicaTable, _ step: OperationWalk.Step<Operation>) {
        if hasBegun { run.reset(at: step.time.microseconds) }
        (needsTable, hasBegun) = (false, true)
        numbers = (0..<Int(table.replica.known)).map { next &+ UInt64($0) }
        next &+= UInt64(numbers.count)
        run.begin(with: zip(numbers, 0...).map { ($0, table.replica[$1].size) })
        note(nil)
    }

    private mutating func note(_ step: OperationWalk.Step<Operation>?) {
        guard failure == nil, let first = run.firstFailure else { return }
        failure = WhatIfAnswer.Failure(
            time: Timestamp(microseconds: first.time), boot: boot, sequence: step.map { Int($0.sequence) },
            place: step?.place,
            size: Int(first.size), resize: first.isResize, reason: WhatIfAnswer.Failure.Reason(first.reason),
            free: first.free,
            largestFree: first.largestFreeBlock)
    }

    mutating func answer(
        _ device: String, _ heap: HeapRow, _ range: OperationRange, end: Timestamp
    ) -> WhatIfAnswer {
        run.finish(at: end.microseconds)
        var answer = WhatIfAnswer(
            device: device, heap: heap.number, name: heap.name, since: range.since, until: range.until,
            allocator: allocator,
            size: Int(run.model.size), tableSize: run.model.mostBlocks.map { Int($0) }, recordedSize: Int(layout.size))
        (answer.operations, answer.firstFailure, answer.failures) = (run.operations, failure, run.failures)
        (answer.assumed, answer.recordedFailures) = (run.assumed, recordedFailures.int)
        answer.pins = pins.int
        if !pins.isZero { answer.exact = false }
        (answer.peakUsed, answer.peakLiveBlocks) = (run.peakUsed, run.peakLiveBlocks)
        (answer.bytesMoved, answer.recordedBytesMoved) = (run.bytesMoved, recordedMoves.int)
        answer.points = run.series.points.map { point in
            WhatIfAnswer.Point(
                time: Timestamp(microseconds: point.time), used: point.used, free: point.free,
                largestFree: point.largestFreeBlock, fragmentation: point.fragmentation)
        }
        answer.fragmentation = answer.points.reduce(0) { max($0, $1.fragmentation) }
        return answer
    }
}

extension ModelledAllocator {
    fileprivate init(_ allocator: WhatIfAnswer.Allocator) {
        switch allocator {
        case .eager: self = .eager
        case .lazy: self = .lazy(stepBytes: 0)
        case .firstFit: self = .firstFit
        case .bestFit: self = .bestFit
        case .tlsf: self = .twoLevelSegregatedFit
        case .heap4: self = .heap4
        }
    }
}

extension WhatIfAnswer.Failure.Reason {
    fileprivate init(_ reason: WhatIfFailure.Reason) {
        switch reason {
        case .noRoom: self = .noRoom
        case .noContiguousRoom: self = .fragmented
        case .tableFull: self = .tableFull
        }
    }
}
