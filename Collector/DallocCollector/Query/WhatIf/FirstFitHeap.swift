// SPDX-License-Identifier: Apache-2.0
//
// A model of first fit with boundary tags: a block gets the free piece with the lowest address that is large enough, and a free joins its
// piece with both neighbours. D. E. Knuth, The Art of Computer Programming, vol. 1, section 2.5: algorithm A with its refinement A4', by
// which a rest too small to be of use stays with the block; algorithm C, boundary tags. The list is in the order of addresses, which P. R.
// Wilson et al. ("Dynamic storage allocation: a survey and critical review", 1995) call address-ordered first fit.
//
// Knuth's blocks get the high end of a piece, these the low one, as in most allocators since. Each has two tags of a pointer's width; a
// free piece has two links as well, which is its least size. Knuth has no realloc: here one shrinks a block where it is, grows it into
// the free piece after it, and copies otherwise.
//
// It leaves out: a roving pointer (next fit), and lists for small sizes, as real allocators have them.

struct FirstFitHeap: HeapModel {
    let size: UInt32
    let mostBlocks: UInt32? = nil
    private(set) var heap: BoundaryTagHeap

    /// - Parameters:
    ///   - size: bytes of the heap.
    ///   - alignment: a power of two; a tag is the least.
    ///   - header: bytes of a block's two tags, a power of two: 8 with pointers of 32 bits.
    init(size: UInt32, alignment: UInt32, header: UInt32 = 8) {
        self.size = size
        heap = BoundaryTagHeap(by: .address, size: size, alignment: alignment, header: header)
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
