// SPDX-License-Identifier: Apache-2.0
//
// A stored frame that is a summary: schema/wire.md, Summaries.

internal import HeapHistory
internal import HeapWire

struct SummaryFrame {
    /// Of one, this many of its last operations are shown.
    static let mostOperations = 100

    let frame: StoredFrame
    let state: HeapState
    let sums: AllocationSums
    private let heap: HeapRow

    /// Nil for any other frame, and for what can't be read.
    init?(_ frame: StoredFrame, of heap: HeapRow) {
        let read = Self.read(frame) { read -> (HeapState, AllocationSums)? in
            read.sums(in: heap.layout).map { (read.state, $0) }
        }
        guard let (state, sums) = read ?? nil else { return nil }
        (self.frame, self.state, self.sums, self.heap) = (frame, state, sums, heap)
    }

    private static func read<Result>(_ frame: StoredFrame, _ body: (StateFrame) throws -> Result) -> Result? {
        frame.payload.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return nil }
            return try? body(StateFrame(payload: base, count: bytes.count))
        }
    }

    /// What it brings of the operations that it stands for, in order; none where they can't be read to their end.
    var told: [LastOperation] {
        let read = Self.read(frame) { read -> [LastOperation] in
            var trail = LastOperationTrail(frame, heap)
            guard var operations = read.operations(in: heap.layout) else { return [] }
            var pins = 0
            while true {
                let operation = try operations.next { trail.owner(atDepth: $0) }
                for change in operations.pins[pins...] { trail.add(change, at: heap.clock.time(of: change.tick)) }
                pins = operations.pins.count
                guard let operation else { break }
                trail.add(operation, at: heap.clock.time(of: operations.tick))
            }
            return trail.finished(state)
        }
        return read ?? []
    }

    /// What its sums are summed by.
    var tag: AllocationTag { heap.layout.hasCallSites ? .callSite : .owner }

    var allocations: Count {
        sums.tags.reduce(Count(clamping: sums.others.allocations)) { $0 + Count(clamping: $1.sum.allocations) }
    }

    private var bytes: Count {
        sums.tags.reduce(Count(clamping: sums.others.bytes)) { $0 + Count(clamping: $1.sum.bytes) }
    }

    /// - Parameter before: the heap's frame before it.
    func summary(after before: StoredFrame?) -> Summary {
        let told = told
        let work = before?.reported.map { HeapWork(state.totals, since: $0.totals) }
        var list = sums.tags.map {
            AllocationSum(
                tag, address: Address($0.tag), allocations: Int($0.sum.allocations),
                bytes: Count(clamping: $0.sum.bytes).int)
        }
        list.sort {
            ($1.bytes, $1.allocations, $0.address?.value ?? 0) < ($0.bytes, $0.allocations, $1.address?.value ?? 0)
        }
        if sums.others.allocations > 0 || sums.others.bytes > 0 {
            list.append(
                AllocationSum(
                    .others, allocations: Int(sums.others.allocations), bytes: Count(clamping: sums.others.bytes).int))
        }
        return Summary(
            start: before?.time, end: frame.time, boot: heap.boot, build: heap.build, sequence: Int(state.sequence),
            size: Int(heap.layout.size), used: Int(state.used), gaps: Int(state.gaps),
            liveBlocks: Int(state.liveBlocks),
            peak: Int(state.peak), failures: work?.failures.int,
            operations: (Count(clamping: state.lost) + Count(clamping: told.count)).int,
            allocations: allocations.int, bytes: bytes.int,
            // A frame that is missing had allocations of its own.
            complete: work.map { $0.allocated <= allocations } ?? false, sums: list,
            lastOperations: told.suffix(Self.mostOperations))
    }
}
