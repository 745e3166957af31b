// SPDX-License-Identifier: Apache-2.0
//
// A model heap with what its device has not told of it yet.

import HeapWire

struct ReportingHeap {
    private(set) var model: ModelHeap
    private var count: UInt32 = 0
    private var operations: OperationBytes
    /// The same operations, all at one tick.
    private var timeless: OperationBytes
    private var firstTick: UInt64
    private var lastTick: UInt64
    private var lost: UInt32 = 0
    /// Entries of the table that went out in parts; nil when no part has.
    private var told: Int?
    /// The same of a watched heap: the first address after its base that has not been listed.
    private var toldEnd: UInt64?

    init(_ layout: HeapLayout, tick: UInt64) {
        model = ModelHeap(layout)
        (firstTick, lastTick) = (tick, tick)
        operations = OperationBytes(layout: layout)
        timeless = operations
    }

    var layout: HeapLayout { model.layout }
    var hasNews: Bool { !operations.isEmpty }
    /// Its news are more than pins.
    var hasOperations: Bool { count > 0 }
    /// Some of its table went out, and not yet all.
    var isInParts: Bool { told != nil || toldEnd != nil }

    /// False when the heap can't do it, or its recorder is full.
    mutating func perform(_ operation: Operation, at tick: UInt64) -> Bool {
        guard hasRoom(at: tick) else { return false }
        let (blocks, owner) = (model.blocks.count, model.owner(before: operation))
        guard model.apply(operation) else { return false }
        switch operation {
        case .free(let depth):
            // The entry was one of those that went out.
            if let known = told, blocks - 1 - Int(depth) < known { told = known - 1 }
        case .reset: (told, toldEnd) = (nil, nil)
        default: break
        }
        if operations.isEmpty { (firstTick, lastTick) = (tick, tick) }
        operations.append(operation, leaving: owner, elapsed: UInt32(tick - lastTick))
        timeless.append(operation, leaving: owner)
        lastTick = tick
        count += 1
        return true
    }

    private func hasRoom(at tick: UInt64) -> Bool {
        operations.count < 1200 && (tick - lastTick <= UInt64(UInt32.max) || operations.isEmpty)
    }

    /// Tells of a pin or unpin at `change.tick`, of any block or of none; the model's blocks move as its operations say.
    mutating func pin(_ change: PinChange) {
        guard hasRoom(at: change.tick) else { return }
        if operations.isEmpty { (firstTick, lastTick) = (change.tick, change.tick) }
        operations.append(change, elapsed: UInt32(change.tick - lastTick))
        timeless.append(change)
        lastTick = change.tick
    }

    mutating func loseOperations() {
        lost += max(count, 1)
        (operations, timeless, count) = (OperationBytes(layout: layout), OperationBytes(layout: layout), 0)
        (told, toldEnd) = (nil, nil)
    }

    func state(number: Int, sequence: UInt32, tick: UInt64) -> HeapState {
        if layout.isWatched { return watchedState(number: number, sequence: sequence, tick: tick) }
        var digest = TableDigest()
        for (index, block) in model.blocks.enumerated() {
            digest.add(size: block.size, owner: block.owner)
            if layout.isLazy { digest.add(gap: UInt32(model.gap(before: index))) }
            if layout.hasCallSites { digest.add(callSite: block.callSite) }
        }
        let used = UInt32(model.used)
        return HeapState(
            sequence: sequence, heap: UInt32(number), tick: tick, used: used, gaps: UInt32(model.end) - used,
            liveBlocks: UInt32(model.blocks.count), peak: used, totals: model.totals, lost: lost, digest: digest.value)
    }

    /// What a device knows that keeps no table.
    private func watchedState(number: Int, sequence: UInt32, tick: UInt64) -> HeapState {
        let digest = model.blocks.reduce(UInt32(0)) {
            $0 &+ AddressDigest.of(UInt(truncatingIfNeeded: layout.baseAddress &+ $1.start))
        }
        return HeapState(
            sequence: sequence, heap: UInt32(number), tick: tick, used: 0, liveBlocks: UInt32(model.blocks.count),
            peak: 0, totals: model.totals, lost: lost, digest: digest)
    }

    mutating func delta(number: Int, sequence: UInt32, tick: UInt64) -> (payload: [UInt8], lost: UInt32) {
        var state = state(number: number, sequence: sequence, tick: tick)
        state.hasFigures = lost > 0 || sequence % 3 == 0
        // The format has 32 bits for it.
        let span = operations.isEmpty ? 0 : UInt32(min(tick - firstTick, UInt64(UInt32.max)))
        // Told later than the span can say: then the operations seem younger, and end with the frame.
        let told = tick - firstTick <= UInt64(UInt32.max) ? operations : timeless
        defer {
            (operations, timeless) = (OperationBytes(layout: layout), OperationBytes(layout: layout))
            (count, lost) = (0, 0)
        }
        return (FrameWriter.payload { told.write(state, span: span, to: &$0) }, lost)
    }

    mutating func keyframe(
        number: Int, sequence: UInt32, tick: UInt64, most: Int, startsOver: Bool
    ) -> (payload: [UInt8], lost: UInt32) {
        if layout.isWatched {
            return list(number: number, sequence: sequence, tick: tick, most: most, startsOver: startsOver)
        }
        let first = startsOver ? 0 : told ?? 0
        let last = min(first + min(most, 100), model.blocks.count)
        let state = state(number: number, sequence: sequence, tick: tick)
        let entries = (first..<last).map { index in
            let block = model.blocks[index]
            return TableEntry(
                size: block.size, gap: UInt32(model.gap(before: index)), owner: block.owner, callSite: block.callSite)
        }
        let payload = FrameWriter.payload {
            state.writeKeyframe(first: UInt32(first), entries, layout: layout, to: &$0)
        }
        told = last == model.blocks.count ? nil : last
        defer { lost = 0 }
        return (payload, lost)
    }

    private mutating func list(
        number: Int, sequence: UInt32, tick: UInt64, most: Int, startsOver: Bool
    ) -> (payload: [UInt8], lost: UInt32) {
        let begin = startsOver ? nil : toldEnd
        let rest = model.blocks.filter { $0.start >= begin ?? 0 }
        let part = rest.prefix(min(most, 100))
        let state = state(number: number, sequence: sequence, tick: tick)
        let entries = part.map {
            TableEntry(size: $0.size, gap: 0, owner: layout.baseAddress &+ $0.start, callSite: $0.callSite)
        }
        let payload = FrameWriter.payload {
            state.writeKeyframe(first: begin == nil ? 0 : 1, entries, layout: layout, to: &$0)
        }
        toldEnd = part.count == rest.count ? nil : part.last.map { $0.start + 1 } ?? begin ?? 0
        defer { lost = 0 }
        return (payload, lost)
    }
}
