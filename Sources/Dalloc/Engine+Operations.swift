// SPDX-License-Identifier: Apache-2.0
//
// What can be done to a heap. Each operation counts itself, and tells the observer when the table shows its result.

internal import CDalloc

extension Engine {
    /// Appends a block and makes `variable` its owner. When it fails, `variable` is NULL. What it holds before is not read: it may never
    /// have been initialised.
    func allocate(_ size: UInt32, _ variable: Variable, from callSite: UnsafeRawPointer?) -> dalloc_failure_t {
        variable.pointee = nil
        dalloc_port_set_caller(heap, callSite)
        guard size > 0 else { return fail(size, DALLOC_FAILURE_ZERO_SIZE, variable) }
        var variable = variable
        while true {
            guard count < capacity else { return fail(size, DALLOC_FAILURE_TABLE_FULL, variable) }
            if fits(size, heap.pointee.total_size &- heap.pointee.offset) { break }
            guard let followed = makeRoom(for: size, at: count, variable) else {
                return fail(size, DALLOC_FAILURE_NO_ROOM, variable)
            }
            variable = followed
        }
        let (offset, index) = (heap.pointee.offset, count)
        let entry = table + index
        countOwner(variable, by: 1)
        entry.pointee.ptr = UnsafeMutableRawPointer(variable).assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self)
        entry.pointee.allocated_size = size
        entry.pointee.free_flag = false
        entry.pointee.offset = offset
        dalloc_port_set_call_site(entry, callSite)
        variable.pointee = address(index)
        heap.pointee.offset = offset &+ aligned(size)
        heap.pointee.alloc_info.allocations_num &+= 1
        heap.pointee.alloc_info.total_allocations &+= 1
        assert(holds(index), "a block was appended where the one before it ends, within the heap")
        notePeaks()
        tell(DALLOC_OP_ALLOC, index: index, size: size, owner: variable)
        return DALLOC_FAILURE_NONE
    }

    /// Removes a block, closes its gap or leaves that to the heap's policy, and sets its owner to NULL.
    /// - Parameter isNamed: the caller has named the block by its owner, so that one exists. Otherwise it is written only when it
    ///   still points to the block.
    func free(_ index: Int, isNamed: Bool) {
        assert(holds(index), "the block is in the table")
        // Before the move: the variable may stand in a block that moves, or in the one that goes.
        let variable = table[index].ptr
        if let owner = variable {
            if isNamed || isAdvanced(UInt(bitPattern: owner.pointee), table + index) { owner.pointee = nil }
            countOwner(owner, by: UInt32.max)
            table[index].ptr = nil
        }
        if let policy = heap.pointee.policy {
            return policy.pointee.free_block(heap, UInt32(truncatingIfNeeded: index), variable)
        }
        let start = table[index].offset
        let orphans = moveTail(
            from: start &+ aligned(table[index].allocated_size), to: start, lost: start, after: index, removing: 1)
        finishFree(index, DALLOC_OP_FREE, owner: variable, orphans)
    }

    /// What follows when the block is no longer in the table.
    @inline(__always)
    func finishFree(_ index: Int, _ operation: dalloc_operation_t, owner: UnsafeRawPointer?, _ orphans: Bool) {
        heap.pointee.alloc_info.allocations_num &-= 1
        dalloc_port_clear_entry(table + count)
        assert(count == 0 || holds(min(index, count &- 1)), "what followed the block stands in order")
        heap.pointee.alloc_info.total_frees &+= 1
        tell(operation, index: index, owner: owner)
        if orphans { tellOfOrphans() }
    }

    /// Changes the size of the block that `variable` owns, where it is. What fails has changed nothing.
    func resize(
        _ index: Int, to size: UInt32, _ variable: Variable, from callSite: UnsafeRawPointer?
    ) -> dalloc_failure_t {
        dalloc_port_set_caller(heap, callSite)
        guard size > 0 else { return fail(size, DALLOC_FAILURE_ZERO_SIZE, variable) }
        if let policy = heap.pointee.policy {
            return policy.pointee.resize(heap, UInt32(truncatingIfNeeded: index), size, variable)
        }
        let (start, old) = (table[index].offset, table[index].allocated_size)
        let end = start &+ aligned(old)
        // What the block could grow to.
        guard fits(size, heap.pointee.total_size &- heap.pointee.offset &+ aligned(old)) else {
            return fail(size, DALLOC_FAILURE_NO_ROOM, variable)
        }
        table[index].allocated_size = size
        let orphans = moveTail(
            from: end, to: start &+ aligned(size), lost: size < old ? start &+ size : end, after: index, removing: 0)
        assert(holds(index), "the block has its size, and what follows stands after it")
        finishResize(index, from: old, orphans)
        return DALLOC_FAILURE_NONE
    }

    /// What follows when the block has its new size, and all others their places.
    @inline(__always)
    func finishResize(_ index: Int, from old: UInt32, _ orphans: Bool) {
        let (start, size) = (table[index].offset, table[index].allocated_size)
        if size > old { fill(from: start &+ old, to: start &+ aligned(size)) }
        // A program may have advanced its variable.
        table[index].ptr?.pointee = address(index)?.assumingMemoryBound(to: UInt8.self)
        notePeaks()
        tell(DALLOC_OP_RESIZE, index: index, size: size)
        if orphans { tellOfOrphans() }
    }

    /// Hands a block to another variable, which points where the old one did, and sets the old one to NULL.
    func reown(_ index: Int, _ old: Variable, _ new: Variable) {
        let value = reaches(old.pointee, index) ? old.pointee : address(index)
        let owner = table[index].ptr
        setOwner(index, new)
        old.pointee = nil
        new.pointee = value
        tell(DALLOC_OP_REOWN, index: index, owner: owner)
    }

    /// Forgets every block, and starts the statistics again. Their owners keep what they hold: many are gone by then.
    func forget() {
        (heap.pointee.offset, heap.pointee.gap_bytes, heap.pointee.owners_inside) = (0, 0, 0)
        heap.pointee.pinned_blocks = 0
        dalloc_port_clear_statistics(heap)
        tell(DALLOC_OP_RESET)
    }

    /// Lets a heap that has gaps close some, for one step, so that block `index`, or a new one, has room for `size` bytes in the end.
    /// Returns where the variable is then; nil when there can't be room.
    @inline(never)
    func makeRoom(for size: UInt32, at index: Int, _ variable: Variable) -> Variable? {
        guard let policy = heap.pointee.policy else { return nil }
        var followed: Variable? = variable
        let caller = dalloc_port_get_caller(heap)
        let isDone = policy.pointee.make_room(heap, UInt32(truncatingIfNeeded: index), size, &followed)
        // Other threads may have had the heap in between.
        dalloc_port_set_caller(heap, caller)
        return isDone ? followed : nil
    }

    /// Ends a call that was given `variable`.
    @inline(never)
    func fail(_ size: UInt32, _ why: dalloc_failure_t, _ variable: Variable) -> dalloc_failure_t {
        heap.pointee.alloc_info.total_failures &+= 1
        tell(DALLOC_OP_FAILED, index: Int(why.rawValue), size: size, owner: variable)
        return why
    }

    /// Tells the observer of the blocks that moveTail has marked; ``takeOrphans()`` counts them.
    @inline(never)
    func tellOfOrphans() {
        var index = 0
        while index < count {
            if table[index].free_flag {
                table[index].free_flag = false
                heap.pointee.orphans &+= 1
                tell(DALLOC_OP_ORPHAN, index: index)
            }
            index &+= 1
        }
    }

    /// How many orphans were made since the last time.
    @inline(__always)
    func takeOrphans() -> UInt32 {
        let orphans = heap.pointee.orphans
        heap.pointee.orphans = 0
        return orphans
    }
}
