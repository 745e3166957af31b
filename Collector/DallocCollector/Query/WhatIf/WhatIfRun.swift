// SPDX-License-Identifier: Apache-2.0
//
// The operations of a recorded heap, done again in another one.
//
// Up to the first failure the program would have done just what was recorded, so the answer is exact where the model is: for this
// project's own heaps. From the first failure on it is an assumption: that the program goes on as it did, only without the block that
// it didn't get. What it does with that block later is left out and counted in ``assumed``. After a resize that failed it is
// assumed to keep the block as it was. Allocations that failed in the recorded heap are no part of it: what the program
// would have done with them, nobody knows.
//
// Blocks that were live at the start are put into an empty heap, in the order of their addresses: a heap that doesn't move blocks is
// taken to be unfragmented then, and a lazy one to have no gaps, which changes what it moves and not where it fails.

struct WhatIfRun: Sendable {
    private enum Place {
        case block(BlockHandle)
        /// The heap had no room for it.
        case missing
    }

    private(set) var model: any HeapModel
    private(set) var series: WhatIfSeries
    /// Of the blocks that the program has, by their numbers.
    private var places: [UInt64: Place] = [:]

    /// Operations so far, those that were left out included.
    private(set) var operations = 0
    private(set) var firstFailure: WhatIfFailure?
    private(set) var failures = 0
    /// Frees and resizes that were left out, because the heap had no room for their block.
    private(set) var assumed = 0
    /// Operations that were left out because they name no block that the program has, or a new block by the number of a live one, or have
    /// a size of 0. In a history without gaps there are none.
    private(set) var unmatched = 0
    private(set) var peakLiveBlocks = 0

    var peakUsed: Int { model.peakUsed }
    var bytesMoved: Int { model.bytesMoved }

    /// - Parameters:
    ///   - model: an empty heap.
    ///   - start: the begin of the range that is replayed, in microseconds since 1970.
    ///   - end: its end.
    ///   - points: the most points of the series.
    init(_ model: any HeapModel, from start: Int64, to end: Int64, points: Int = WhatIfSeries.mostPoints) {
        self.model = model
        series = WhatIfSeries(from: start, to: end, points: points, figures: WhatIfFigures(model))
    }

    /// The table at the start of the range, in the order of addresses. A block that has no room is a failure at operation 0.
    mutating func begin(with table: some Sequence<(block: UInt64, size: UInt32)>) {
        for entry in table { add(entry.block, entry.size, at: series.start) }
        series.note(WhatIfFigures(model), at: series.start)
    }

    mutating func allocate(block: UInt64, size: UInt32, at time: Int64) {
        operations += 1
        add(block, size, at: time)
        series.note(WhatIfFigures(model), at: time)
    }

    mutating func free(block: UInt64, at time: Int64) {
        operations += 1
        switch places.removeValue(forKey: block) {
        case .block(let handle): model.free(handle)
        case .missing: assumed += 1
        case nil: unmatched += 1
        }
        series.note(WhatIfFigures(model), at: time)
    }

    mutating func resize(block: UInt64, to size: UInt32, at time: Int64) {
        operations += 1
        switch places[block] {
        case .block(let handle):
            if size == 0 {
                unmatched += 1
            } else if !model.resize(handle, to: size) {
                fail(block, size, handle, at: time)
            }
        case .missing: assumed += 1
        case nil: unmatched += 1
        }
        series.note(WhatIfFigures(model), at: time)
    }

    /// The heap is made anew: a boot, or heap_init.
    mutating func reset(at time: Int64) {
        operations += 1
        model.reset()
        places.removeAll(keepingCapacity: true)
        series.note(WhatIfFigures(model), at: time)
    }

    /// Continues the series to `time`, up to which it is known that nothing more happened.
    mutating func finish(at time: Int64) {
        series.note(WhatIfFigures(model), at: time)
    }

    private mutating func add(_ block: UInt64, _ size: UInt32, at time: Int64) {
        guard size > 0, places[block] == nil else {
            unmatched += 1
            return
        }
        guard let handle = model.allocate(size: size) else {
            places[block] = .missing
            return fail(block, size, nil, at: time)
        }
        places[block] = .block(handle)
        peakLiveBlocks = max(peakLiveBlocks, model.liveBlocks)
    }

    private mutating func fail(_ block: UInt64, _ size: UInt32, _ resized: BlockHandle?, at time: Int64) {
        failures += 1
        guard firstFailure == nil else { return }
        firstFailure = WhatIfFailure(
            time: time, operation: operations, block: block, size: size, isResize: resized != nil,
            reason: reason(size, resized), free: model.free, largestFreeBlock: model.largestFreeBlock,
            largestAllocation: model.largestAllocation)
    }

    private func reason(_ size: UInt32, _ resized: BlockHandle?) -> WhatIfFailure.Reason {
        if resized == nil, let most = model.mostBlocks, model.liveBlocks >= most { return .tableFull }
        return model.exceedsFree(size, resizing: resized) ? .noRoom : .noContiguousRoom
    }
}
