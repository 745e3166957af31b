// SPDX-License-Identifier: Apache-2.0
//
// The policies that can have gaps. Lazy: a free leaves one, and gaps are closed when an allocation would not fit otherwise, or when
// somebody has time. Pinning: they are closed at once, as far as pinned blocks allow. The functions are what dalloc_port.h's
// dalloc_policy points to.

// The names are those of a C header.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import CDalloc

@c @implementation
func dalloc_port_free_block(_ heap: UnsafeMutablePointer<heap_t>?, _ index: UInt32, _ owner: UnsafeRawPointer?) {
    guard let heap, let engine = Engine(heap) else { return }
    let index = Int(truncatingIfNeeded: index)
    engine.finishFree(index, DALLOC_OP_MARK_FREE, owner: owner, engine.leaveGap(index))
    engine.closeGaps(from: index)
}

@c @implementation
func dalloc_port_make_room(
    _ heap: UnsafeMutablePointer<heap_t>?, _ index: UInt32, _ size: UInt32,
    _ variable: UnsafeMutablePointer<PointerVariable?>?
) -> Bool {
    guard let heap, let engine = Engine(heap) else { return false }
    let index = Int(truncatingIfNeeded: index)
    guard engine.fits(size, engine.mostRoom(at: index)) else { return false }
    // What lies between the block and a pinned one would take the gap from it.
    let bound = engine.hasPins(after: index) ? index &+ 1 : engine.count
    guard engine.compact(heap.pointee.step_bytes, before: bound, following: variable) else { return false }
    // Nobody waits for more than one step.
    dalloc_port_unlock(heap)
    dalloc_port_lock(heap)
    return true
}

@c @implementation
func dalloc_port_resize(
    _ heap: UnsafeMutablePointer<heap_t>?, _ index: UInt32, _ size: UInt32, _ variable: PointerVariable?
) -> dalloc_failure_t {
    guard let heap, let engine = Engine(heap), let variable else { return DALLOC_FAILURE_NO_ROOM }
    return engine.resizeLazily(Int(truncatingIfNeeded: index), to: size, variable)
}

extension Engine {
    /// To a policy that leaves no gaps, they are closed first. False, and nothing changes, where blocks are pinned that an eager heap
    /// would move.
    func setPolicy(_ policy: dalloc_policy_t, stepBytes: UInt32) -> Bool {
        let isLazy = policy == DALLOC_POLICY_LAZY
        let isPinning = policy == DALLOC_POLICY_PINNING
        guard isLazy || isPinning || heap.pointee.pinned_blocks == 0 else { return false }
        if !isLazy { _ = compact(UInt32.max, following: nil) }
        heap.pointee.policy = isLazy ? dalloc_port_lazy_policy() : isPinning ? dalloc_port_pinning_policy() : nil
        heap.pointee.step_bytes = isPinning || isLazy && stepBytes == 0 ? UInt32.max : stepBytes
        return true
    }

    /// Takes a block from the table and leaves its bytes as a gap. True when blocks lost their owners in it.
    func leaveGap(_ index: Int) -> Bool {
        let from = table[index].offset
        let to = from &+ aligned(table[index].allocated_size)
        let end = heap.pointee.offset
        if table[index].pins > 0 { heap.pointee.pinned_blocks &-= 1 }
        let orphans = followOwners(lost: from, from: to, end: end, to: to)
        fill(from: from, to: to)
        if to == end {
            // Behind the last block there is no gap, but free memory.
            let last = self.end(before: index)
            heap.pointee.gap_bytes &-= from &- last
            heap.pointee.offset = last
        } else {
            heap.pointee.gap_bytes &+= to &- from
        }
        dalloc_port_remove_entry(heap, UInt32(truncatingIfNeeded: index), heap.pointee.alloc_info.allocations_num)
        return orphans
    }

    /// As ``resize(_:to:_:from:)``, but the gap after the block gives and takes: nothing moves when it is large enough. A pinned block
    /// is not pushed: before one, that gap is all the room there is.
    func resizeLazily(_ index: Int, to size: UInt32, _ variable: Variable) -> dalloc_failure_t {
        var (index, variable) = (index, variable)
        while !hasRoom(for: size, at: index) {
            // Other threads may have had the heap in between.
            guard let followed = makeRoom(for: size, at: index, variable) else {
                return fail(size, DALLOC_FAILURE_NO_ROOM, variable)
            }
            variable = followed
            guard let now = find(owner: variable) else { return fail(size, DALLOC_FAILURE_NO_ROOM, variable) }
            index = now
        }
        let (start, old, next) = (table[index].offset, table[index].allocated_size, next(after: index))
        let (oldEnd, end) = (start &+ aligned(old), start &+ aligned(size))
        let staysPut = index &+ 1 < count && end <= next
        let tail = staysPut ? next : end
        table[index].allocated_size = size
        heap.pointee.gap_bytes &+= tail &- end &- (next &- oldEnd)
        let orphans = moveTail(
            from: next, to: tail, lost: size < old ? start &+ size : next, after: index, removing: 0)
        if end < oldEnd { fill(from: end, to: oldEnd) }
        finishResize(index, from: old, orphans)
        closeGaps(from: index &+ 1)
        return DALLOC_FAILURE_NONE
    }

    /// Closes the gaps of a heap that leaves none, after an operation that made one before entry `index`.
    func closeGaps(from index: Int) {
        guard let policy = heap.pointee.policy, policy.pointee.closes_gaps else { return }
        _ = compact(UInt32.max, from: index, following: nil)
    }

    /// Closes gaps, the lowest first, until moving the next block would exceed `limit` bytes; one block moves in any case. A run of
    /// blocks without gaps between them moves at once. Pinned blocks stay, and so do gaps before them. False when nothing moved.
    /// - Parameters:
    ///   - start: the first entry that may move; none before it has a gap that can be closed.
    ///   - bound: the entry after the last one that may move.
    ///   - variable: a pointer variable that is updated if it stands in a block that moves.
    func compact(
        _ limit: UInt32, from start: Int = 0, before bound: Int = Int.max,
        following variable: UnsafeMutablePointer<Variable?>?
    ) -> Bool {
        let bound = min(bound, count)
        guard heap.pointee.gap_bytes > 0, start < bound else { return false }
        var (first, to, moved, orphans) = (start, end(before: start), UInt32(0), false)
        // Where the next pinned block is, so that the loops need not look at each.
        var stop = pinned(from: first, before: bound)
        while heap.pointee.gap_bytes > 0, moved == 0 || moved < limit {
            (first, to) = skip(first, stop, to, UInt32.max)
            if first == stop {
                guard stop < bound else { break }
                to = table[stop].offset &+ aligned(table[stop].allocated_size)
                first = stop &+ 1
                stop = pinned(from: first, before: bound)
                continue
            }
            let from = table[first].offset
            // Each block moves once at most, so that all of them are below total_size. One moves in any case.
            let most = max(limit &- moved, moved == 0 ? aligned(table[first].allocated_size) : 0)
            let (last, end) = skip(first, stop, from, from &+ min(most, UInt32.max &- from))
            if last == first { break }
            if moveRun(first..<last, from: from, end: end, to: to, following: variable) { orphans = true }
            moved &+= end &- from
            (first, to) = (last, to &+ (end &- from))
        }
        if orphans { tellOfOrphans() }
        return moved > 0
    }

    /// The first entry from `first` on that doesn't start where the one before it ends, or would end beyond `most`; and where that one
    /// before ends.
    @inline(never)
    private func skip(_ first: Int, _ stop: Int, _ offset: UInt32, _ most: UInt32) -> (Int, UInt32) {
        let mask = dalloc_port_alignment() &- 1
        var (index, end, entry) = (first, offset, table + first)
        while index != stop, entry.pointee.offset == end {
            let next = end &+ (entry.pointee.allocated_size &+ mask) & ~mask
            if next > most { break }
            end = next
            index &+= 1
            entry += 1
        }
        return (index, end)
    }

    /// Moves blocks down to the end of the one before. True when blocks lost their owners, which stood in the gap.
    private func moveRun(
        _ run: Range<Int>, from: UInt32, end: UInt32, to: UInt32, following variable: UnsafeMutablePointer<Variable?>?
    ) -> Bool {
        let (length, distance) = (end &- from, from &- to)
        let orphans = followOwners(lost: to, from: from, end: end, to: to)
        if let variable, UInt(bitPattern: variable.pointee) &- base &- UInt(from) < UInt(length) {
            variable.pointee = Variable(bitPattern: UInt(bitPattern: variable.pointee) &- UInt(distance))
        }
        move(from: from, to: to, length: length, first: run.lowerBound, last: run.upperBound, removing: 0)
        fill(from: max(to &+ length, from), to: end)
        if run.upperBound == count {
            heap.pointee.offset = to &+ length
            heap.pointee.gap_bytes &-= distance
        }
        tell(DALLOC_OP_COMPACT, index: run.lowerBound, size: length)
        return orphans
    }
}
