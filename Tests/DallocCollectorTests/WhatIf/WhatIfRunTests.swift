// SPDX-License-Identifier: Apache-2.0
//
// What a run keeps of the operations that it replays.

import TestSupport
import Testing

@testable import DallocCollector

@Suite struct WhatIfRunTests {
    private func run(size: UInt32, blocks: UInt32? = nil, to end: Int64 = 1000, points: Int = 10) -> WhatIfRun {
        WhatIfRun(CompactingHeap(size: size, alignment: 4, mostBlocks: blocks), from: 0, to: end, points: points)
    }

    @Test func theFirstFailureIsKeptWithHowTheHeapStood() {
        var run = run(size: 100)
        run.begin(with: [(block: 7, size: 40)])
        run.allocate(block: 8, size: 40, at: 10)
        run.free(block: 7, at: 20)
        run.allocate(block: 9, size: 61, at: 30)
        run.allocate(block: 10, size: 200, at: 40)
        #expect(
            run.firstFailure
                == WhatIfFailure(
                    time: 30, operation: 3, block: 9, size: 61, isResize: false, reason: .noRoom, free: 60,
                    largestFreeBlock: 60, largestAllocation: 60))
        #expect(run.failures == 2 && run.operations == 4)
        #expect(run.peakUsed == 80 && run.peakLiveBlocks == 2 && run.bytesMoved == 40)
    }

    @Test func theProgramGoesOnWithoutTheBlockThatItDidNotGet() {
        var run = run(size: 100)
        run.allocate(block: 1, size: 60, at: 0)
        run.allocate(block: 2, size: 60, at: 1)
        run.resize(block: 2, to: 10, at: 2)
        run.free(block: 2, at: 3)
        #expect(run.failures == 1 && run.assumed == 2 && run.unmatched == 0 && run.model.used == 60)
        // Its number is free again.
        run.allocate(block: 2, size: 40, at: 4)
        #expect(run.failures == 1 && run.model.used == 100)
    }

    @Test func aResizeThatFailsLeavesTheBlock() {
        var run = run(size: 100)
        run.allocate(block: 1, size: 60, at: 0)
        run.resize(block: 1, to: 101, at: 5)
        #expect(run.firstFailure?.isResize == true && run.firstFailure?.reason == .noRoom && run.model.used == 60)
        run.free(block: 1, at: 6)
        #expect(run.model.used == 0 && run.assumed == 0)
    }

    @Test func aFullTableIsToldFromAFullHeap() {
        var run = run(size: 100, blocks: 1)
        run.allocate(block: 1, size: 100, at: 0)
        run.allocate(block: 2, size: 4, at: 1)
        #expect(run.firstFailure?.reason == .tableFull)
    }

    @Test func aBlockOfTheFirstTableCanFailAsWell() {
        var run = run(size: 100)
        run.begin(with: [(block: 1, size: 80), (block: 2, size: 80)])
        #expect(run.firstFailure?.operation == 0 && run.firstFailure?.block == 2)
        run.free(block: 2, at: 1)
        #expect(run.assumed == 1)
    }

    @Test func whatFitsNoBlockIsLeftOutAndCounted() {
        var run = run(size: 100)
        run.allocate(block: 1, size: 8, at: 0)
        run.allocate(block: 1, size: 8, at: 0)
        run.allocate(block: 2, size: 0, at: 0)
        run.resize(block: 1, to: 0, at: 0)
        run.resize(block: 3, to: 4, at: 0)
        run.free(block: 4, at: 0)
        #expect(run.unmatched == 5 && run.failures == 0 && run.model.used == 8)
    }

    @Test func aResetForgetsTheBlocksAndKeepsTheFigures() {
        var run = run(size: 100)
        run.allocate(block: 1, size: 40, at: 0)
        run.allocate(block: 2, size: 40, at: 0)
        run.free(block: 1, at: 1)
        run.reset(at: 2)
        run.free(block: 2, at: 3)
        #expect(run.unmatched == 1 && run.model.used == 0 && run.model.liveBlocks == 0)
        #expect(run.peakUsed == 80 && run.bytesMoved == 40)
    }

    // MARK: - The series

    @Test func aPointHasTheWorstOfItsStretch() {
        var run = run(size: 100)
        run.allocate(block: 1, size: 40, at: 110)
        run.allocate(block: 2, size: 40, at: 120)
        run.free(block: 2, at: 130)
        run.allocate(block: 3, size: 8, at: 350)
        run.finish(at: 1000)
        let points = run.series.points
        #expect(run.series.width == 100 && points.map(\.time) == [0, 100, 200, 300, 400, 500, 600, 700, 800, 900])
        #expect(points.map(\.used) == [0, 80, 40, 48, 48, 48, 48, 48, 48, 48])
        #expect(points.map(\.free) == [100, 20, 60, 52, 52, 52, 52, 52, 52, 52])
        #expect(points.map(\.largestFreeBlock) == points.map(\.free) && points.allSatisfy { $0.fragmentation == 0 })
    }

    @Test func eachFigureIsTheWorstForItself() {
        var run = WhatIfRun(FirstFitHeap(size: 400, alignment: 4), from: 0, to: 10, points: 1)
        for block in 1...4 { run.allocate(block: UInt64(block), size: 92, at: 0) }
        run.free(block: 1, at: 1)
        run.free(block: 3, at: 2)
        run.free(block: 2, at: 3)
        let point = run.series.points[0]
        #expect(point.used == 400 && point.free == 0 && point.largestFreeBlock == 0 && point.fragmentation == 0.5)
    }

    @Test func whatIsNotReachedHasNoPoint() {
        var run = run(size: 100)
        run.allocate(block: 1, size: 40, at: 110)
        #expect(run.series.points.count == 2)
        run.finish(at: 250)
        #expect(run.series.points.map(\.used) == [0, 40, 40])
    }

    @Test func timesOutOfOrderAndOutOfRangeCountAtTheNearestPoint() {
        var run = run(size: 100)
        run.allocate(block: 1, size: 8, at: -5000)
        run.allocate(block: 2, size: 8, at: 500)
        run.allocate(block: 3, size: 8, at: 100)
        run.allocate(block: 4, size: 8, at: Int64.max)
        run.allocate(block: 5, size: 8, at: Int64.min)
        #expect(run.series.points.map(\.used) == [8, 8, 8, 8, 8, 24, 24, 24, 24, 40])
    }

    /// The ends of all that a time can be, ranges that are no multiple of a point's width, and ranges that are none.
    @Test(arguments: [
        (from: Int64.min, to: Int64.max, points: 200), (Int64.min, Int64.max, 1), (0, 10, 200), (5, 5, 200),
        (9, 3, 200),
        (0, Int64.max, 7), (-3, 1_000_003, 199), (0, 0, 0), (0, 100, 1000),
    ])
    func anyRangeHasAFewPointsOfEqualWidth(from: Int64, to: Int64, points: Int) {
        var run = WhatIfRun(
            CompactingHeap(size: 100, alignment: 4, mostBlocks: nil), from: from, to: to, points: points)
        for time in [from, to, Int64.min, 0, Int64.max] { run.finish(at: time) }
        let times = run.series.points.map(\.time)
        #expect((1...max(1, min(points, 200))).contains(times.count) && times.first == from)
        #expect(zip(times, times.dropFirst()).allSatisfy { UInt64(bitPattern: $1 &- $0) == run.series.width })
        #expect(times.allSatisfy { $0 <= max(from, to) })
        // The last one is no wider than the others.
        let last = times.last ?? 0
        #expect(to < from || UInt64(bitPattern: to &- last) <= run.series.width)
    }
}
