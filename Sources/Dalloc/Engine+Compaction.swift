// SPDX-License-Identifier: Apache-2.0
//
// Moving blocks, and all that knows where they are: the table, the variables that own them, and the table's record of the
// variables that stand in blocks which moved.

internal import CDalloc

extension Engine {
    /// Moves all blocks after entry `index`, which start at offset `from`, to offset `to`; there must be room. `removing` is 1
    /// when the entry itself goes, and 0 otherwise. The bytes [lost, from) are gone: a block whose owner stands in them is left
    /// without one and marked by its free_flag. True when there are such blocks.
    @inline(never)
    func moveTail(from: UInt32, to: UInt32, lost: UInt32, after index: Int, removing: Int) -> Bool {
        let end = heap.pointee.offset
        let length = end &- from
        let orphans = followOwners(lost: lost, from: from, end: end, to: to)
        guard from != to else { return orphans }
        heap.pointee.offset = to &+ length
        if length > 0 { move(from: from, to: to, length: length, first: index &+ 1, last: count, removing: removing) }
        if to < from { fill(from: to &+ length, to: end) }
        return orphans
    }

    /// Moves the blocks of the entries [first, last), which are `length` bytes with the gaps between them, and fixes what knows
    /// where they were but the owners inside them.
    func move(from: UInt32, to: UInt32, length: UInt32, first: Int, last: Int, removing: Int) {
        dalloc_port_move(heap, to, from, length)
        fixEntries(first: first, last: last, by: UInt(to) &- UInt(from), removing: removing)
        let blocks = UInt(bitPattern: last &- first)
        heap.pointee.alloc_info.total_moves &+= UInt64(_truncatingBits: blocks)
        heap.pointee.alloc_info.total_bytes_moved &+= UInt64(_truncatingBits: UInt(length))
    }

    /// Zeroes [from, to), if the configuration wants it.
    func fill(from: UInt32, to: UInt32) {
        guard dalloc_port_fills_freed_memory() else { return }
        dalloc_port_zero(UnsafeMutableRawPointer(bitPattern: base &+ UInt(from)), to &- from)
    }

    /// Gives the entries [first, last) their new offsets, and shifts their owners. A variable that owns two of the blocks is to be shifted
    /// once: down in the order of the table and up in the other one, no block that is still to come is where it points after its
    /// shift. These are the loops of a free, and of a resize, that are as long as the table, so they only touch what they must.
    @inline(__always)
    private func fixEntries(first: Int, last: Int, by distance: UInt, removing: Int) {
        if Int(bitPattern: distance) < 0 {
            fixDown(from: table + first, to: table + last, by: distance, removing: removing)
        } else {
            fixUp(from: table + first, to: table + last, by: distance)
        }
    }

    @inline(never)
    private func fixDown(
        from first: UnsafeMutablePointer<ptr_info_t>, to end: UnsafeMutablePointer<ptr_info_t>, by distance: UInt,
        removing: Int
    ) {
        let base = base
        var entry = first
        while entry != end {
            let offset = entry.pointee.offset
            shiftOwner(of: entry, from: base &+ UInt(offset), by: distance)
            let target = entry - removing
            dalloc_port_copy_entry(target, entry)
            target.pointee.offset = offset &+ UInt32(truncatingIfNeeded: distance)
            entry += 1
        }
    }

    @inline(never)
    private func fixUp(
        from first: UnsafeMutablePointer<ptr_info_t>, to end: UnsafeMutablePointer<ptr_info_t>, by distance: UInt
    ) {
        let base = base
        var entry = end
        while entry != first {
            entry -= 1
            shiftOwner(of: entry, from: base &+ UInt(entry.pointee.offset), by: distance)
            entry.pointee.offset &+= UInt32(truncatingIfNeeded: distance)
        }
    }

    @inline(__always)
    private func shiftOwner(of entry: UnsafeMutablePointer<ptr_info_t>, from address: UInt, by distance: UInt) {
        guard let owner = entry.pointee.ptr else { return }
        // As a number: Swift would look for NULL first.
        let value = UnsafeMutableRawPointer(owner).assumingMemoryBound(to: UInt.self)
        if _fastPath(value.pointee == address) {
            value.pointee = address &+ distance
        } else if isAdvanced(value.pointee, entry) {
            value.pointee &+= distance
        }
    }

    /// True when an owner holds an address of its block, or the one just after it, to which the program has advanced it. One that holds
    /// anything else was overwritten, or is gone.
    @inline(never)
    func isAdvanced(_ value: UInt, _ entry: UnsafeMutablePointer<ptr_info_t>) -> Bool {
        let advance = value &- base &- UInt(entry.pointee.offset)
        let size = UInt(entry.pointee.allocated_size)
        if advance != size { return advance < size }
        // Where the next block starts, which may be its own as well.
        return entry + 1 == table + count || entry[1].ptr != entry.pointee.ptr
    }

    /// Looks after the owners inside the heap before [from, end) moves: those in it move along, those that touch [lost, from)
    /// are gone. True when any is gone.
    @inline(__always)
    func followOwners(lost: UInt32, from: UInt32, end: UInt32, to: UInt32) -> Bool {
        heap.pointee.owners_inside != 0 && moveOwners(lost: lost, from: from, end: end, to: to)
    }

    @inline(never)
    private func moveOwners(lost: UInt32, from: UInt32, end: UInt32, to: UInt32) -> Bool {
        // A variable that only ends in the lost bytes is gone as well.
        let reach = lost == from ? 0 : UInt(MemoryLayout<UInt>.size) &- 1
        let first = base &+ UInt(lost) &- reach
        let tail = base &+ UInt(from)
        let length = base &+ UInt(end) &- first
        var orphans = false
        for index in 0..<count {
            let owner = UInt(bitPattern: table[index].ptr)
            guard owner &- first < length else { continue }
            if owner >= tail {
                table[index].ptr = UnsafeMutablePointer(bitPattern: owner &- UInt(from) &+ UInt(to))
            } else {
                setOwner(index, nil)
                table[index].free_flag = true
                orphans = true
            }
        }
        return orphans
    }
}
