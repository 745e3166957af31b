// SPDX-License-Identifier: Apache-2.0
//
// A model of FreeRTOS's heap_4 (portable/MemMang/heap_4.c in github.com/FreeRTOS/FreeRTOS-Kernel, as of V10.3.1): first
// fit in a list in the order of addresses. A block has a header of two pointers' width before it, and takes a multiple of 8
// bytes. What is left of a piece is cut off when it is more than two headers, and stays with the block otherwise. A free joins
// its piece with both neighbours. An end marker takes a header at the end of the heap. With pointers of 32 bits a block's size
// has 31 bits, the highest one says that it is in use.
//
// heap_4 has no realloc: programs allocate, copy and free, and so does a resize here, also one to a smaller size.
//
// It leaves out: the start of a heap that is not aligned to 8 bytes (the collector knows no other), and
// configHEAP_CLEAR_MEMORY_ON_FREE and the heap protector, which change no place.

struct FreeRTOSHeap4: HeapModel {
    /// portBYTE_ALIGNMENT, as most ports have it.
    static let alignment = 8

    let size: UInt32
    let mostBlocks: UInt32? = nil
    private(set) var heap: BoundaryTagHeap

    /// - Parameters:
    ///   - size: bytes of the heap, configTOTAL_HEAP_SIZE.
    ///   - pointerWidth: bytes of a pointer on the device, 4 or 8.
    init(size: UInt32, pointerWidth: UInt32 = 4) {
        self.size = size
        let header = (2 * Int(pointerWidth)).rounded(upTo: Self.alignment)
        // The lowest multiple of the alignment that is more than two headers.
        let leastRest = 2 * header + Self.alignment
        let mostBytes = pointerWidth == 4 ? (1 << 31) - Self.alignment : Int.max
        let rules = BoundaryTagHeap.Rules(
            order: .address, alignment: Self.alignment, header: header, leastPiece: Self.alignment,
            leastRest: leastRest, mostBytes: mostBytes)
        heap = BoundaryTagHeap(rules, room: max(Int(size) - header, 0).rounded(downTo: Self.alignment))
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
    mutating func resize(_ block: BlockHandle, to size: UInt32) -> Bool { heap.resizeByCopy(block, to: size) }
    mutating func reset() { heap.reset() }
    func exceedsFree(_ size: UInt32, resizing block: BlockHandle?) -> Bool { heap.exceedsFree(size, resizing: block) }
}
