// SPDX-License-Identifier: Apache-2.0
//
// What is published of each allocator: sizes, lists, and the cases in which one of two policies fails.

import Testing

@testable import DallocCollector

@Suite struct PublishedBehaviourTests {
    /// Free areas of these sizes in this order, and nothing else free. Sizes are in units of 8 bytes, headers included, and so are those of
    /// ``grants(_:_:)``.
    private func areas<Model: HeapModel>(_ areas: [Int], _ make: (UInt32) -> Model) throws -> Model {
        var model = make(UInt32(areas.reduce(0) { $0 + $1 + 4 } * 8))
        var blocks: [BlockHandle] = []
        for area in areas {
            blocks.append(try granted(model.allocate(size: UInt32(area * 8 - 8))))
            _ = try granted(model.allocate(size: 4 * 8 - 8))
        }
        for block in blocks { model.free(block) }
        #expect(model.free == areas.reduce(0, +) * 8)
        return model
    }

    private func granted(_ block: BlockHandle?) throws -> BlockHandle { try #require(block) }

    private func grants(_ requests: [Int], _ model: some HeapModel) -> [Bool] {
        var model = model
        return requests.map { model.allocate(size: UInt32($0 * 8 - 8)) != nil }
    }

    // MARK: - First fit and best fit

    /// Knuth, section 2.5: with areas of 1300 and 1200, requests for 1000, 1100 and 250 succeed with first fit only.
    @Test func knuthsCaseFailsWithBestFitOnly() throws {
        let requests = [1000, 1100, 250]
        #expect(
            grants(requests, try areas([1300, 1200]) { FirstFitHeap(size: $0, alignment: 8) }) == [true, true, true])
        #expect(
            grants(requests, try areas([1300, 1200]) { BestFitHeap(size: $0, alignment: 8) }) == [true, true, false])
    }

    @Test func theReverseFailsWithFirstFitOnly() throws {
        let requests = [1200, 1300]
        #expect(grants(requests, try areas([1300, 1200]) { FirstFitHeap(size: $0, alignment: 8) }) == [true, false])
        #expect(grants(requests, try areas([1300, 1200]) { BestFitHeap(size: $0, alignment: 8) }) == [true, true])
    }

    @Test func aRunTellsFragmentationFromAFullHeap() throws {
        var run = WhatIfRun(FirstFitHeap(size: 400, alignment: 4), from: 0, to: 10)
        for block in 1...4 { run.allocate(block: UInt64(block), size: 92, at: 0) }
        run.free(block: 1, at: 1)
        run.free(block: 3, at: 2)
        run.allocate(block: 5, size: 100, at: 3)
        #expect(
            run.firstFailure
                == WhatIfFailure(
                    time: 3, operation: 7, block: 5, size: 100, isResize: false, reason: .noContiguousRoom, free: 200,
                    largestFreeBlock: 100, largestAllocation: 92))
        #expect(run.series.points.last?.fragmentation == 0.5)
        run.resize(block: 2, to: 192, at: 4)
        #expect(run.failures == 1 && run.model.used == 300, "it grows into the piece after it")
        var full = WhatIfRun(FirstFitHeap(size: 400, alignment: 4), from: 0, to: 10)
        full.allocate(block: 1, size: 393, at: 0)
        #expect(full.firstFailure?.reason == .noRoom && full.firstFailure?.largestAllocation == 392)
    }

    // MARK: - heap_4

    /// A header of 8 bytes with pointers of 32 bits and of 16 with 64, and multiples of 8 bytes.
    @Test(arguments: [
        (width: UInt32(4), size: UInt32(1), bytes: 16), (4, 8, 16), (4, 9, 24), (4, 100, 112), (8, 1, 24), (8, 8, 24),
        (8, 9, 32),
    ])
    func blocksOfHeap4HaveAHeader(width: UInt32, size: UInt32, bytes: Int) {
        var model = FreeRTOSHeap4(size: 1000, pointerWidth: width)
        // The end marker takes a header as well.
        #expect(model.free == 1000 - 2 * Int(width))
        #expect(model.allocate(size: size) != nil && model.used == bytes)
    }

    @Test func heap4CutsOffMoreThanTwoHeaders() throws {
        for (rest, cutOff) in [(8, 0), (16, 0), (24, 24), (32, 32)] {
            var model = FreeRTOSHeap4(size: UInt32(8 + 64 + rest))
            _ = try granted(model.allocate(size: 56))
            #expect(model.free == cutOff)
        }
    }

    @Test func heap4AlwaysCopies() throws {
        var model = FreeRTOSHeap4(size: 200)
        let block = try granted(model.allocate(size: 92))
        #expect(!model.resize(block, to: 93) && model.used == 104, "there is no room for both")
        let isDone = model.resize(block, to: 60)
        // What is left is not cut off: the new piece takes all that was free.
        #expect(isDone && model.bytesMoved == 60 && model.used == 88 && model.peakUsed == 192)
        #expect(model.place(block).offset == 104)
    }

    @Test func heap4HasNoBlocksOf31Bits() {
        var model = FreeRTOSHeap4(size: UInt32.max)
        #expect(model.largestAllocation == 1 << 31 - 16)
        #expect(model.allocate(size: 1 << 31 - 15) == nil && model.exceedsFree(1 << 31 - 15, resizing: nil))
        #expect(model.allocate(size: 1 << 31 - 16) != nil)
        var wide = FreeRTOSHeap4(size: UInt32.max, pointerWidth: 8)
        #expect(wide.allocate(size: 1 << 31) != nil)
    }

    // MARK: - TLSF

    /// The paper's formula: f = 8 and s = 12 for 460 bytes and 16 lists.
    @Test func thePapersFormulaGivesTheLists() {
        let paper = SizeClasses(divisions: 4, word: 2)
        #expect(paper.list(of: 460) == .init(first: 8 - paper.smallest + 1, second: 12))
        let classes = SizeClasses(word: 2)
        let wrong = stride(from: 128, to: 1 << 16, by: 4).first { size in
            var power = 7
            while 1 << (power + 1) <= size { power += 1 }
            let second = (size - (1 << power)) * 32 / (1 << power)
            return classes.list(of: size) != .init(first: power - 6, second: second)
        }
        #expect(wrong == nil)
    }

    @Test(arguments: [
        (size: 12, first: 0, second: 3), (124, 0, 31), (128, 1, 0), (132, 1, 1), (252, 1, 31), (256, 2, 0), (260, 2, 0),
        (264, 2, 1), (1 << 20, 14, 0), ((1 << 21) - 4, 14, 31), (0xFFFF_FFFC, 25, 31),
    ])
    func sizesBelow128ShareAFirstLevelList(size: Int, first: Int, second: Int) {
        #expect(SizeClasses(word: 2).list(of: size) == .init(first: first, second: second))
    }

    /// A search begins at the first list that has no block too small.
    @Test(arguments: [
        (size: 124, first: 0, second: 31), (252, 1, 31), (256, 2, 0), (260, 2, 1), (264, 2, 1), (508, 3, 0),
        (1028, 4, 1),
        (0xFFFF_FFFC, 26, 0),
    ])
    func aSearchRoundsUpToTheNextList(size: Int, first: Int, second: Int) {
        let classes = SizeClasses(word: 2)
        #expect(classes.search(size) == .init(first: first, second: second))
        #expect(classes.least(of: classes.search(size)) >= size)
        #expect(classes.least(of: classes.list(of: size)) <= size && first < classes.firsts)
    }

    @Test func aBlockThatIsLargeEnoughIsNotFoundInTheListBefore() throws {
        var model = TwoLevelSegregatedFitHeap(size: 1052 + 8, controlBytes: 0)
        #expect(model.largestFreeBlock == 1056 && model.largestAllocation == 1024)
        #expect(model.allocate(size: 1028) == nil && !model.exceedsFree(1028, resizing: nil))
        let block = try granted(model.allocate(size: 1024))
        #expect(model.used == 1028 && model.free == 28)
        #expect(
            model.resize(block, to: 1052) && model.free == 0 && model.bytesMoved == 0, "where it is, there is no search"
        )
    }

    @Test func blocksOfTLSFHaveAWordAndThreeAtLeast() {
        for (size, bytes) in [(1, 16), (12, 16), (13, 20), (100, 104)] {
            var model = TwoLevelSegregatedFitHeap(size: 1000, controlBytes: 0)
            #expect(model.allocate(size: UInt32(size)) != nil && model.used == bytes)
        }
        var wide = TwoLevelSegregatedFitHeap(size: 1000, pointerWidth: 8, controlBytes: 0)
        #expect(wide.allocate(size: 1) != nil && wide.used == 32)
    }

    @Test func theTableOfListsIsInTheHeap() {
        #expect(TwoLevelSegregatedFitHeap(size: 10_000).fixedOverhead == 3188 + 4)
        #expect(TwoLevelSegregatedFitHeap(size: 10_000, pointerWidth: 8).fixedOverhead == 6536 + 8)
        var tooSmall = TwoLevelSegregatedFitHeap(size: 3188 + 8 + 8)
        #expect(tooSmall.free == 0 && tooSmall.allocate(size: 1) == nil)
        #expect(TwoLevelSegregatedFitHeap(size: 3188 + 8 + 12).free == 16)
    }

    // MARK: - All of them

    @Test(arguments: [
        ModelledAllocator.eager, .lazy(stepBytes: 64), .firstFit, .bestFit, .twoLevelSegregatedFit, .heap4,
    ])
    func noSizeIsTooMuchForAnyHeap(allocator: ModelledAllocator) {
        for size: UInt32 in [0, 1, 7, 15, 16, 4000, UInt32.max - 3, UInt32.max] {
            for (alignment, width): (UInt32, UInt32) in [(1, 4), (4, 8), (65536, 8)] {
                var model = allocator.heap(size: size, alignment: alignment, mostBlocks: nil, pointerWidth: width)
                #expect(
                    model.used == 0 && model.free + model.fixedOverhead == size
                        && WhatIfFigures(model).fragmentation == 0)
                for request: UInt32 in [0, UInt32.max, UInt32.max - 1, 1 << 31] {
                    guard let block = model.allocate(size: request) else { continue }
                    #expect(request > 0 && request <= size)
                    #expect(model.resize(block, to: 0) == false)
                    _ = model.resize(block, to: UInt32.max)
                    #expect(model.resize(block, to: 1) || allocator == .heap4)
                    model.free(block)
                    #expect(model.used == 0)
                }
                let largest = UInt32(model.largestAllocation)
                #expect(largest == 0 || model.allocate(size: largest) != nil)
                model.reset()
                #expect(model.largestAllocation == largest)
            }
        }
    }
}
