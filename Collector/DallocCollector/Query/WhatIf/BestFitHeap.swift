// SPDX-License-Identifier: Apache-2.0
//
// A model of best fit with boundary tags: a block gets the smallest free piece that is large enough, of equal ones that with the lowest
// address. All else is as in ``FirstFitHeap``, and so are the sources: D. E. Knuth, The Art of Computer Programming, vol. 1, section 2.5;
// P. R. Wilson et al., "Dynamic storage allocation: a survey and critical review", 1995.
//
// It leaves out: what real allocators do to find that piece quickly, such as lists by size class, where these don't find the very best.

struct BestFitHeap: HeapModel {
    let size: UInt32
    let mostBlocks: UInt32? = nil
    private(set) var heap: BoundaryTagHeap

    /// - Parameters:
    ///   - size: bytes of the heap.
    ///   - alignment: a power of two; a tag is the least.
    ///   - header: bytes of a block's two tags, a power of two: 8 with pointers of 32 bits.
    init(size: UInt32, alignment: UInt32, header: UInt32 = 8) {
        self.size = size
        heap = BoundaryTagHeap(by: .size, size: size, alignment: alignment, header: header)
    }

    var liveBlocks: Int { heap.liveBlocks }
    var used: Int { heap.used }
    var peakUsed: Int { heap.peakUsed }
    var fixedOverhead: Int { Int(size) - heap.room }
    var largestFreeBlock: Int { heap.largestFreeBlock }
    var largestAllocation: Int { heap.largestAllocation }
    var bytesMoved: Int { heap.bytesMoved }

    mutating func allocate(size: UInt32) -> BlockHandle? { heap.allocate(size: size) }
    mutating func free(_ block: BlockHandle) { heap.free(block) }
    mutating func resize(_ block: BlockHandle, to size: UInt32) -> Bool {
        heap.resizeInPlace(block, to: size) || heap.resizeByCopy(block, to: size)
    }
    mutating func reset() { heap.reset() }
    func exceedsFree(_ size: UInt32, resizing block: BlockHandle?) -> Bool { heap.exceedsFree(size, resizing: block) }
}
