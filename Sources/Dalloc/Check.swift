// SPDX-License-Identifier: Apache-2.0
//
// The invariants of Engine.swift, verified: dalloc_check.h. Nothing is read before what it rests on has been checked, so a heap that
// something has overwritten gets an answer, too.

// The names are the C API's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import CDalloc

@c @implementation
func dalloc_heap_check(
    _ heap: UnsafeMutablePointer<heap_t>?, _ index: UnsafeMutablePointer<UInt32>?
) -> UnsafePointer<CChar>? {
    index?.pointee = UInt32.max
    guard let heap, let engine = Engine(heap) else { return cString("the heap has no memory") }
    dalloc_port_lock(heap)
    defer { leave(engine) }
    var check = Check(engine: engine)
    let broken = check.run()
    if check.index >= 0 { index?.pointee = UInt32(truncatingIfNeeded: check.index) }
    return broken.map { cString($0) }
}

/// One look at a heap.
private struct Check {
    let engine: Engine
    /// The entry at fault, or that is looked at; -1 outside the table.
    var index = -1

    init(engine: Engine) { self.engine = engine }

    /// What is broken first; nil when all holds.
    mutating func run() -> StaticString? {
        checkMemory() ?? checkBlocks() ?? checkOwners() ?? checkRest()
    }

    private func checkMemory() -> StaticString? {
        let heap = engine.heap
        let alignment = dalloc_port_alignment()
        if engine.base & UInt(alignment &- 1) != 0 { return "mem is not aligned" }
        if heap.pointee.total_size < alignment { return "total_size is smaller than one unit of alignment" }
        if heap.pointee.offset > heap.pointee.total_size { return "offset is beyond total_size" }
        if heap.pointee.alloc_info.allocations_num > heap.pointee.table_entries {
            return "allocations_num is beyond the table"
        }
        return nil
    }

    private mutating func checkBlocks() -> StaticString? {
        let heap = engine.heap
        var (end, gaps, pinned) = (UInt32(0), UInt32(0), UInt32(0))
        for index in 0..<engine.count {
            self.index = index
            let entry = engine.table + index
            let (offset, size) = (entry.pointee.offset, entry.pointee.allocated_size)
            if size == 0 { return "a block has no size" }
            if offset < end { return "a block starts before the end of the one before it" }
            if offset & (dalloc_port_alignment() &- 1) != 0 { return "a block is not aligned" }
            if offset != end, heap.pointee.policy == nil { return "there is a gap before a block" }
            if entry.pointee.pins > 0 {
                pinned &+= 1
                if heap.pointee.policy == nil { return "a block of an eager heap is pinned" }
            } else if offset != end, heap.pointee.policy.pointee.closes_gaps {
                return "there is a gap before a block that is not pinned"
            }
            if offset > heap.pointee.offset || !engine.fits(size, heap.pointee.offset &- offset) {
                return "a block ends beyond offset"
            }
            gaps &+= offset &- end
            end = offset &+ engine.aligned(size)
        }
        index = -1
        if end != heap.pointee.offset { return "offset is not where the last block ends" }
        if gaps != heap.pointee.gap_bytes { return "gap_bytes is not what is missing between the blocks" }
        if pinned != heap.pointee.pinned_blocks { return "pinned_blocks is not the number of pinned blocks" }
        return nil
    }

    private mutating func checkOwners() -> StaticString? {
        var inside: UInt32 = 0
        for index in 0..<engine.count {
            self.index = index
            let entry = engine.table + index
            if entry.pointee.free_flag { return "a free_flag is set" }
            guard let owner = entry.pointee.ptr else { continue }
            if !engine.reaches(owner.pointee, index) { return "an owner does not point into its block" }
            if engine.touchesMemory(owner) { inside &+= 1 }
        }
        index = -1
        return inside == engine.heap.pointee.owners_inside
            ? nil : "owners_inside is not the number of owners inside the heap"
    }

    private mutating func checkRest() -> StaticString? {
        let heap = engine.heap
        for index in engine.count..<engine.capacity {
            let entry = engine.table + index
            self.index = index
            if entry.pointee.ptr != nil || entry.pointee.allocated_size != 0 || entry.pointee.offset != 0
                || entry.pointee.pins != 0 || !entry.pointee.free_flag || dalloc_port_get_call_site(entry) != nil
            {
                return "an entry that is not in use is not cleared"
            }
        }
        index = -1
        if heap.pointee.alloc_info.max_memory_amount < engine.used
            || heap.pointee.alloc_info.max_allocations_amount < heap.pointee.alloc_info.allocations_num
        {
            return "a peak is below what is in use"
        }
        guard dalloc_port_fills_freed_memory() else { return nil }
        for index in 0..<engine.count where !isZero(engine.end(before: index), engine.table[index].offset) {
            self.index = index
            return "the gap before a block is not zero"
        }
        return isZero(heap.pointee.offset, heap.pointee.total_size) ? nil : "the free memory is not zero"
    }

    private func isZero(_ from: UInt32, _ to: UInt32) -> Bool {
        var address = engine.base &+ UInt(from)
        let end = engine.base &+ UInt(to)
        while address < end {
            guard UnsafePointer<UInt8>(bitPattern: address)?.pointee == 0 else { return false }
            address &+= 1
        }
        return true
    }
}
