// SPDX-License-Identifier: Apache-2.0
//
// Blocks that don't move: the functions of dalloc_pin.h, and how much room they leave to others.

// The names are the C API's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import CDalloc

@c @implementation
func dalloc_pin(_ heap: UnsafeMutablePointer<heap_t>?, _ ptr: PointerVariable?) -> Bool {
    let name = cString("dalloc_pin")
    guard let engine = enter(heap) else { return false }
    guard let index = block(engine, ptr, USING_PTR_ADDRESS) else {
        leave(engine)
        return false
    }
    let isChanged = !engine.reaches(ptr?.pointee, index)
    let isEager = engine.heap.pointee.policy == nil
    let isDone = !isEager && engine.pin(index)
    leave(engine)
    if isChanged { reportChanged(index, engine, name) }
    if isEager {
        report(in: name, "refused: an eager heap moves its blocks. Give it DALLOC_POLICY_PINNING or _LAZY first")
    }
    return isDone
}

@c @implementation
func dalloc_unpin(_ heap: UnsafeMutablePointer<heap_t>?, _ ptr: PointerVariable?) -> Bool {
    let name = cString("dalloc_unpin")
    guard let engine = enter(heap) else { return false }
    guard let index = block(engine, ptr, USING_PTR_ADDRESS) else {
        leave(engine)
        return false
    }
    let isChanged = !engine.reaches(ptr?.pointee, index)
    let isDone = engine.unpin(index)
    leave(engine, name)
    if isChanged { reportChanged(index, engine, name) }
    return isDone
}

extension Engine {
    /// False when it is pinned as often as can be counted.
    func pin(_ index: Int) -> Bool {
        let entry = table + index
        guard entry.pointee.pins < UInt8.max else { return false }
        entry.pointee.pins &+= 1
        if entry.pointee.pins == 1 {
            heap.pointee.pinned_blocks &+= 1
            tell(DALLOC_OP_PIN, index: index)
        }
        return true
    }

    /// False when it is not pinned.
    func unpin(_ index: Int) -> Bool {
        let entry = table + index
        guard entry.pointee.pins > 0 else { return false }
        entry.pointee.pins &-= 1
        if entry.pointee.pins == 0 {
            heap.pointee.pinned_blocks &-= 1
            tell(DALLOC_OP_UNPIN, index: index)
            closeGaps(from: index)
        }
        return true
    }

    /// The first pinned block from entry `start` on; `bound` when there is none before that.
    func pinned(from start: Int, before bound: Int) -> Int {
        guard heap.pointee.pinned_blocks > 0 else { return bound }
        var entry = start
        while entry < bound, table[entry].pins == 0 { entry &+= 1 }
        return entry
    }

    /// True when a block after entry `index` is pinned.
    func hasPins(after index: Int) -> Bool { pinned(from: index &+ 1, before: count) < count }

    /// True when a block can have `size` bytes and only what lies after it moves.
    func hasRoom(for size: UInt32, at index: Int) -> Bool {
        let room = next(after: index) &- table[index].offset
        if fits(size, room) { return true }
        return fits(size, heap.pointee.total_size &- heap.pointee.offset &+ room) && !hasPins(after: index)
    }

    /// The most bytes that a block can have when all gaps are closed that it profits from; with `count`, a new block.
    func mostRoom(at index: Int) -> UInt32 {
        if heap.pointee.pinned_blocks == 0 {
            return heap.pointee.total_size &- used &+ (index < count ? aligned(table[index].allocated_size) : 0)
        }
        var end = lowest(index)
        if hasPins(after: index) { return table[index &+ 1].offset &- end }
        var later = index &+ 1
        while later < count {
            end &+= aligned(table[later].allocated_size)
            later &+= 1
        }
        return heap.pointee.total_size &- end
    }

    /// Where a block starts when all gaps before it are closed that can be; with `count`, a new block.
    private func lowest(_ index: Int) -> UInt32 {
        if index < count, table[index].pins > 0 { return table[index].offset }
        var (first, bytes) = (index, UInt32(0))
        while first > 0 {
            first &-= 1
            bytes &+= aligned(table[first].allocated_size)
            if table[first].pins > 0 { return table[first].offset &+ bytes }
        }
        return bytes
    }
}
