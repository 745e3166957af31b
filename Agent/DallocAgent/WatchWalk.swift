// SPDX-License-Identifier: Apache-2.0
//
// The listing of a watched heap, some blocks at a time, while the heap goes on changing.
//
// Blocks up to `listed` are sent. The cursor says where those after it begin:
//   a block in use, `listed` itself   they come after it, and a walk from there finds them
//   a block in use after `listed`     it is the first one of them
//   none, with `walk_ended`           there are none
//   none                              nothing is sent yet
// So each call takes one step of the walker at most, however large the heap is.

internal import CDallocAgent

struct WatchWalk {
    let watch: WatchPointer

    private var cursor: UInt { UInt(bitPattern: watch.pointee.cursor) }
    private var isUnderWay: Bool { watch.pointee.recorder.keyframe_next != 0 }

    /// Begins a list.
    func restart() {
        move(to: 0, size: 0)
        (watch.pointee.listed, watch.pointee.walk_ended) = (0, false)
        watch.pointee.recorder.keyframe_next = 0
    }

    /// The next block to list.
    func next() -> (address: UInt, size: UInt32)? {
        if cursor == watch.pointee.listed, !watch.pointee.walk_ended { find() }
        return cursor == 0 ? nil : (cursor, max(watch.pointee.cursor_size, 1))
    }

    /// The block that ``next()`` found is listed.
    func pass() { watch.pointee.listed = UInt(bitPattern: watch.pointee.cursor) }

    // MARK: While a list is under way

    /// A block has come.
    func enter(_ address: UInt, size: UInt32) {
        let isAfter = address > watch.pointee.listed
        guard isUnderWay, isAfter, cursor > watch.pointee.listed ? address < cursor : watch.pointee.walk_ended else {
            return
        }
        move(to: address, size: size)
    }

    /// A block is about to go. The walker can still find the one after it.
    func leave(_ address: UInt) {
        if isUnderWay, address == cursor { find() }
    }

    /// A block has gone: nothing can be found from there.
    func lose(_ address: UInt) {
        guard isUnderWay, address == cursor else { return }
        restart()
        watch.pointee.recorder.wants_keyframe = true
    }

    /// The block has another size.
    func resize(_ address: UInt, _ size: UInt32) {
        if isUnderWay, address == cursor { watch.pointee.cursor_size = size }
    }

    /// Moves on to the block after the cursor.
    private func find() {
        var size: UInt32 = 0
        let block = dalloc_agent_port_next(watch, watch.pointee.cursor, &size)
        move(to: UInt(bitPattern: block), size: size)
    }

    private func move(to address: UInt, size: UInt32) {
        watch.pointee.cursor = UnsafeRawPointer(bitPattern: address)
        watch.pointee.cursor_size = size
        watch.pointee.walk_ended = address == 0
    }
}
