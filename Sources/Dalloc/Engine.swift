// SPDX-License-Identifier: Apache-2.0
//
// The compacting allocator. A heap is a piece of memory and a table of the blocks in it. What always holds, between two calls:
//
//   1. Entry 0 starts at offset 0 or later, and each entry where the one before it ends - offset + size, rounded up to the
//      alignment - or later. What is left out between blocks are gaps; heap.gap_bytes is their sum, 0 with the eager policy.
//   2. heap.offset is where the last entry ends, 0 without one; heap.offset <= heap.total_size. Sizes are never 0.
//   3. An entry's owner is the address of a pointer variable, or NULL: an orphan. The variable holds the block's address, or one further on
//      in the block or just after it, if the program has advanced it. When it holds anything else it was overwritten, or is gone
//      and its memory serves something else: then nothing is written there.
//   4. A variable owns what it was given by dalloc and replace_pointers, two blocks if it was given to dalloc twice.
//   5. heap.owners_inside is the number of entries whose owner touches the heap's memory.
//   6. Entries after the last one are zero but for their free_flag, which is set; no other entry has it set.
//
// Messages are sent when a call is done with the heap and has unlocked it: dalloc_debug is the program's, and may call the heap itself.
//
// dalloc_heap_check verifies them. Arithmetic that wraps (&+, &-) is on numbers that 1 and 2 keep below heap.total_size, or on
// addresses, where a difference that wraps is far outside the heap.

internal import CDalloc

typealias HeapPointer = UnsafeMutablePointer<heap_t>
/// The address of a pointer variable: `void **` in C.
typealias PointerVariable = UnsafeMutablePointer<UnsafeMutableRawPointer?>
typealias Variable = PointerVariable

/// A heap that has memory. Each operation of the C and the Swift API is one method.
struct Engine {
    let heap: HeapPointer

    /// Nil when the heap was never given to heap_init, or was refused there, or has ended.
    @inline(__always)
    init?(_ heap: HeapPointer) {
        guard heap.pointee.mem != nil else { return nil }
        self.heap = heap
    }

    /// The address of the heap's memory.
    @inline(__always)
    var base: UInt { UInt(bitPattern: heap.pointee.mem) }

    @inline(__always)
    var table: UnsafeMutablePointer<ptr_info_t> { dalloc_port_table(heap) }

    @inline(__always)
    var count: Int { Int(truncatingIfNeeded: heap.pointee.alloc_info.allocations_num) }

    /// The most blocks at a time.
    @inline(__always)
    var capacity: Int { Int(truncatingIfNeeded: heap.pointee.table_entries) }

    /// Where a block starts.
    @inline(__always)
    func address(_ index: Int) -> UnsafeMutableRawPointer? {
        UnsafeMutableRawPointer(bitPattern: base &+ UInt(table[index].offset))
    }

    /// Bytes that a block takes, which is in the table and so can't overflow.
    @inline(__always)
    func aligned(_ size: UInt32) -> UInt32 {
        let mask = dalloc_port_alignment() &- 1
        return (size &+ mask) & ~mask
    }

    /// True when `address` is where a block starts, further on in it, or just after it.
    @inline(__always)
    func reaches(_ address: UnsafeMutableRawPointer?, _ index: Int) -> Bool {
        UInt(bitPattern: address) &- base &- UInt(table[index].offset) <= UInt(table[index].allocated_size)
    }

    /// Changes the owner of a block.
    @inline(never)
    func setOwner(_ index: Int, _ owner: Variable?) {
        countOwner(table[index].ptr, by: UInt32.max)
        countOwner(owner, by: 1)
        table[index].ptr = UnsafeMutableRawPointer(owner)?.assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self)
    }

    /// Adds `step`, which may be -1 in two's complement, to owners_inside if the variable touches the heap's memory.
    @inline(never)
    func countOwner(_ variable: UnsafeRawPointer?, by step: UInt32) {
        if touchesMemory(variable) { heap.pointee.owners_inside &+= step }
    }

    @inline(__always)
    func touchesMemory(_ variable: UnsafeRawPointer?) -> Bool {
        let reach = UInt(MemoryLayout<UInt>.size) &- 1
        return UInt(bitPattern: variable) &- base &+ reach < UInt(heap.pointee.total_size) &+ reach
    }

    /// Bytes of blocks, padding included.
    @inline(__always)
    var used: UInt32 { heap.pointee.offset &- heap.pointee.gap_bytes }

    /// True when a block of `size` bytes has room in `room`. The unrounded size first: what fits before rounding can't wrap
    /// around by it. False for 0.
    @inline(__always)
    func fits(_ size: UInt32, _ room: UInt32) -> Bool {
        size <= room && aligned(size) &- 1 < room
    }

    /// Where the block before entry `index` ends.
    func end(before index: Int) -> UInt32 {
        index == 0 ? 0 : table[index &- 1].offset &+ aligned(table[index &- 1].allocated_size)
    }

    /// Where the block after entry `index` starts; the end of the last one.
    func next(after index: Int) -> UInt32 {
        index &+ 1 < count ? table[index &+ 1].offset : heap.pointee.offset
    }

    /// Raises the peaks to what is in use now.
    @inline(__always)
    func notePeaks() {
        if used > heap.pointee.alloc_info.max_memory_amount {
            heap.pointee.alloc_info.max_memory_amount = used
        }
        if heap.pointee.alloc_info.allocations_num > heap.pointee.alloc_info.max_allocations_amount {
            heap.pointee.alloc_info.max_allocations_amount = heap.pointee.alloc_info.allocations_num
        }
    }

    /// Tells the observer what happened.
    func tell(_ operation: dalloc_operation_t, index: Int = 0, size: UInt32 = 0, owner: UnsafeRawPointer? = nil) {
        heap.pointee.observer?(
            heap.pointee.observer_context, operation, UInt32(truncatingIfNeeded: index), size, owner)
    }

    /// Whether an entry stands in order, as 1 and 2 say: for assertions. `dalloc_heap_check` looks at all of them.
    func holds(_ index: Int) -> Bool {
        guard index >= 0, index < count, count <= capacity else { return false }
        let offset = table[index].offset
        return table[index].allocated_size > 0 && offset >= end(before: index)
            && fits(table[index].allocated_size, next(after: index) &- offset)
            && heap.pointee.offset <= heap.pointee.total_size
    }
}
