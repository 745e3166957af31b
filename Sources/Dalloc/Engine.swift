// The compacting allocator. A heap is a piece of memory and a table of the blocks in it. What always holds, between two calls:
//
//   1. Entry 0 starts at offset 0, and each entry where the one before it ends: offset + size, rounded up to the alignment.
//   2. heap.offset is where the last entry ends; heap.offset <= heap.total_size.
//   3. An entry's owner is the address of a pointer variable that holds the block's address, or NULL: an orphan.
//   4. No two entries have the same owner, unless a program let one variable own two blocks behind our back.
//
// Arithmetic that wraps (&+, &-) is on numbers that 1 and 2 keep below heap.total_size.

internal import CDalloc

typealias HeapPointer = UnsafeMutablePointer<heap_t>
/// The address of a pointer variable: `void **` in C.
typealias Variable = UnsafeMutablePointer<UnsafeMutableRawPointer?>

/// A heap that has memory. Each operation of the C and the Swift API is one method; the caller holds the heap's lock.
struct Engine {
    let heap: HeapPointer
    let table: UnsafeMutablePointer<ptr_info_t>
    let memory: UnsafeMutablePointer<UInt8>

    /// Nil when the heap was never given to heap_init, or was refused there, or has ended.
    init?(_ heap: HeapPointer) {
        guard let memory = heap.pointee.mem, let table = dalloc_port_table(heap) else { return nil }
        (self.heap, self.table, self.memory) = (heap, table, memory)
    }

    @inline(__always)
    var count: Int { Int(heap.pointee.alloc_info.allocations_num) }

    @inline(__always)
    func address(_ index: Int) -> UnsafeMutablePointer<UInt8> {
        memory + Int(table[index].offset)
    }

    /// Bytes that a block of `size` takes; nil when that is beyond 32 bits.
    @inline(__always)
    func aligned(_ size: UInt32) -> UInt32? {
        let mask = dalloc_port_alignment() &- 1
        let (sum, overflow) = size.addingReportingOverflow(mask)
        return overflow ? nil : sum & ~mask
    }

    @inline(__always)
    func tell(_ operation: dalloc_operation_t, index: Int = 0, size: UInt32 = 0, owner: UnsafeRawPointer? = nil) {
        heap.pointee.observer?(
            heap.pointee.observer_context, operation, UInt32(truncatingIfNeeded: index), size, owner)
    }
}

// MARK: - Operations

extension Engine {
    /// Appends a block and makes `variable` its owner. Nil on failure; `variable` is NULL then.
    func allocate(_ size: UInt32, _ variable: Variable) -> dalloc_failure_t? {
        disown(variable)
        guard size > 0 else { return fail(size, DALLOC_FAILURE_ZERO_SIZE, variable) }
        guard count < Int(dalloc_port_table_size()) else { return fail(size, DALLOC_FAILURE_TABLE_FULL, variable) }
        let offset = heap.pointee.offset
        guard let length = aligned(size), length <= heap.pointee.total_size &- offset else {
            return fail(size, DALLOC_FAILURE_NO_ROOM, variable)
        }
        let index = count
        table[index].ptr = UnsafeMutableRawPointer(variable).assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self)
        table[index].allocated_size = size
        table[index].free_flag = false
        table[index].offset = offset
        variable.pointee = UnsafeMutableRawPointer(memory + Int(offset))
        heap.pointee.alloc_info.allocations_num &+= 1
        heap.pointee.alloc_info.total_allocations &+= 1
        setUsed(offset &+ length)
        tell(DALLOC_OP_ALLOC, index: index, size: size, owner: variable)
        return nil
    }

    /// Removes a block, closes its gap, and sets its owner to NULL.
    func free(_ index: Int) {
        let (start, size) = (table[index].offset, table[index].allocated_size)
        let end = start &+ (aligned(size) ?? size)
        // Before the move: the variable may stand in a block that moves, or in the one that goes.
        table[index].ptr?.pointee = nil
        let orphans = closeGap(from: start, to: end, behind: index, removing: 1)
        heap.pointee.alloc_info.allocations_num &-= 1
        heap.pointee.alloc_info.total_frees &+= 1
        tell(DALLOC_OP_FREE, index: index)
        if orphans { reportOrphans() }
    }

    /// Changes the size of a block where it is. Nil on success; otherwise nothing has changed.
    func resize(_ index: Int, to size: UInt32) -> dalloc_failure_t? {
        guard size > 0 else { return fail(size, DALLOC_FAILURE_ZERO_SIZE, nil) }
        let (start, old) = (table[index].offset, table[index].allocated_size)
        let oldLength = aligned(old) ?? old
        guard let length = aligned(size),
            length <= oldLength || length &- oldLength <= heap.pointee.total_size &- heap.pointee.offset
        else { return fail(size, DALLOC_FAILURE_NO_ROOM, nil) }
        table[index].allocated_size = size
        var orphans = false
        if length > oldLength {
            openGap(at: start &+ oldLength, length: length &- oldLength, behind: index)
        } else if length < oldLength {
            orphans = closeGap(from: start &+ length, to: start &+ oldLength, behind: index, removing: 0)
        }
        if size > old, dalloc_port_fills_freed_memory() {
            zero(from: start &+ old, count: length &- old)
        }
        tell(DALLOC_OP_RESIZE, index: index, size: size)
        if orphans { reportOrphans() }
        return nil
    }

    /// Hands a block to another variable, and sets the old one to NULL.
    func reown(_ index: Int, _ old: Variable, _ new: Variable) {
        table[index].ptr = UnsafeMutableRawPointer(new).assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self)
        old.pointee = nil
        new.pointee = UnsafeMutableRawPointer(address(index))
        tell(DALLOC_OP_REOWN, index: index, owner: new)
    }

    /// Forgets every block and sets their owners to NULL.
    func reset() {
        for index in 0..<count { table[index].ptr?.pointee = nil }
        heap.pointee.offset = 0
        heap.pointee.alloc_info.allocations_num = 0
        tell(DALLOC_OP_RESET)
    }

    /// A variable that gets another block leaves the one it owns without an owner.
    private func disown(_ variable: Variable) {
        guard let index = find(value: variable.pointee), owns(variable, index) else { return }
        table[index].ptr = nil
        report(
            "dalloc", "the variable owned a block already, which is now an orphan, of bytes",
            table[index].allocated_size)
        tell(DALLOC_OP_ORPHAN, index: index)
    }

    private func fail(_ size: UInt32, _ why: dalloc_failure_t, _ variable: Variable?) -> dalloc_failure_t {
        variable?.pointee = nil
        heap.pointee.alloc_info.total_failures &+= 1
        tell(DALLOC_OP_FAILED, index: Int(why.rawValue), size: size)
        return why
    }

    private func reportOrphans() {
        for index in 0..<count where table[index].free_flag {
            table[index].free_flag = false
            report(
                "dalloc", "a block lost its owner, which stood in freed memory, of bytes", table[index].allocated_size)
            tell(DALLOC_OP_ORPHAN, index: index)
        }
    }

    func setUsed(_ used: UInt32) {
        heap.pointee.offset = used
        if used > heap.pointee.alloc_info.max_memory_amount { heap.pointee.alloc_info.max_memory_amount = used }
        if heap.pointee.alloc_info.allocations_num > heap.pointee.alloc_info.max_allocations_amount {
            heap.pointee.alloc_info.max_allocations_amount = heap.pointee.alloc_info.allocations_num
        }
    }
}
