// Moving blocks, and everything that knows where they are: the table, the variables that own them, and the table's record of variables
// that stand in blocks which moved.

internal import CDalloc

extension Engine {
    /// Moves what is behind the freed bytes [start, end) down to `start`, and takes `removing` entries (0 or 1) out of the table at
    /// `index`. True when blocks lost their owner, which stood in the freed bytes; their entries are marked by free_flag.
    func closeGap(from start: UInt32, to end: UInt32, behind index: Int, removing: Int) -> Bool {
        let used = heap.pointee.offset
        let gap = end &- start
        moveBytes(from: end, to: start, count: used &- end)
        if dalloc_port_fills_freed_memory() {
            zero(from: used &- gap, count: gap)
        }
        heap.pointee.offset = used &- gap
        let owners = OwnerRange(memory: memory, freed: start, tail: end, end: used)
        var orphans = false
        for earlier in 0..<index &+ 1 &- removing where owners.contains(table[earlier].ptr) {
            orphans = owners.adjust(&table[earlier], down: gap) || orphans
        }
        let base = memory
        var entry = table + (index &+ 1)
        let last = table + count
        while entry < last {
            var moved = entry.pointee
            moved.offset = moved.offset &- gap
            if owners.contains(moved.ptr) { orphans = owners.adjust(&moved, down: gap) || orphans }
            (entry - removing).pointee = moved
            moved.ptr?.pointee = base + Int(moved.offset)
            entry += 1
        }
        countMoves(count &- index &- 1, bytes: used &- end)
        return orphans
    }

    /// Moves what starts at `tail` up by `length` bytes, which there must be room for.
    func openGap(at tail: UInt32, length: UInt32, behind index: Int) {
        let used = heap.pointee.offset
        moveBytes(from: tail, to: tail &+ length, count: used &- tail)
        let owners = OwnerRange(memory: memory, freed: tail, tail: tail, end: used)
        for entry in 0..<count where owners.contains(table[entry].ptr) {
            _ = owners.adjust(&table[entry], down: 0 &- length)
        }
        for entry in index &+ 1..<count {
            table[entry].offset = table[entry].offset &+ length
            table[entry].ptr?.pointee = address(entry)
        }
        countMoves(count &- index &- 1, bytes: used &- tail)
        setUsed(used &+ length)
    }

    /// memmove: the two may overlap.
    private func moveBytes(from source: UInt32, to target: UInt32, count: UInt32) {
        UnsafeMutableRawPointer(memory + Int(target))
            .copyMemory(from: UnsafeRawPointer(memory + Int(source)), byteCount: Int(count))
    }

    func zero(from offset: UInt32, count: UInt32) {
        UnsafeMutableRawPointer(memory + Int(offset)).initializeMemory(as: UInt8.self, repeating: 0, count: Int(count))
    }

    private func countMoves(_ blocks: Int, bytes: UInt32) {
        heap.pointee.alloc_info.total_moves &+= UInt64(_truncatingBits: UInt(bitPattern: blocks))
        heap.pointee.alloc_info.total_bytes_moved &+= UInt64(_truncatingBits: UInt(bytes))
    }
}

/// The pointer variables inside the heap that a move concerns: those that touch the freed bytes are gone, those
/// in the tail have moved with it.
private struct OwnerRange {
    private let first: UInt
    private let length: UInt
    private let tail: UInt

    init(memory: UnsafeMutablePointer<UInt8>, freed: UInt32, tail: UInt32, end: UInt32) {
        let base = UInt(bitPattern: memory)
        self.tail = base &+ UInt(tail)
        // A variable that only ends in the freed bytes is gone as well.
        first = tail == freed ? base &+ UInt(tail) : base &+ UInt(freed) &- UInt(MemoryLayout<UInt>.size &- 1)
        length = base &+ UInt(end) &- first
    }

    @inline(__always)
    func contains(_ variable: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Bool {
        UInt(bitPattern: variable) &- first < length
    }

    /// True when the variable is gone, and with it the block's owner.
    func adjust(_ entry: inout ptr_info_t, down distance: UInt32) -> Bool {
        let address = UInt(bitPattern: entry.ptr)
        guard address >= tail else {
            entry.ptr = nil
            entry.free_flag = true
            return true
        }
        // `distance` is two's complement: up is a negative down.
        let shift = Int(Int32(bitPattern: distance))
        entry.ptr = UnsafeMutablePointer(bitPattern: address &- UInt(bitPattern: shift))
        return false
    }
}
