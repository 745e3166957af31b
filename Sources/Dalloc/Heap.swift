// The Swift API: the same engine as behind dalloc.h, with handles instead of pointer variables. The variables that compaction
// updates are slots of the heap, so a handle can't dangle and survives every move by construction.

public import CDalloc

/// Why an allocation or a change of size failed, or a heap could not be made.
public enum HeapError: Error, Sendable {
    /// The heap has not enough free bytes.
    case noRoom
    /// The table holds MAX_NUM_OF_ALLOCATIONS blocks already, or the heap has no slot left.
    case tableFull
    case zeroSize
    /// The memory is missing, misaligned or too small for a heap; or the allocation belongs to another heap.
    case badMemory
}

/// A block of a ``Heap``: no pointer, but the number of the slot that knows where the block is. Give it back with
/// ``Heap/free(_:)``; a handle that is dropped leaves its block in the heap.
public struct Allocation: ~Copyable {
    let slot: Int
    let heap: UnsafeMutablePointer<heap_t>

    init(slot: Int, heap: UnsafeMutablePointer<heap_t>) {
        (self.slot, self.heap) = (slot, heap)
    }
}

/// A compacting heap. Frees close their gap at once, so free bytes are always in one piece.
public struct Heap: ~Copyable {
    private let control: UnsafeMutablePointer<heap_t>
    private let slots: UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>
    private let ownedMemory: UnsafeMutableRawBufferPointer?

    /// Makes a heap in memory of the caller's, which must stay valid, where it is, and untouched for as long as the heap lives.
    /// - Parameters:
    ///   - control: holds the table.
    ///   - slots: one for each block that may be in the heap at a time; more than MAX_NUM_OF_ALLOCATIONS are of no use.
    ///   - memory: the heap's bytes, aligned to ALLOCATION_ALIGNMENT_BYTES, at most 2^32 - 1 of them.
    /// - Throws: ``HeapError/badMemory``.
    public init(
        unsafeControl control: UnsafeMutablePointer<heap_t>,
        slots: UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>, memory: UnsafeMutableRawBufferPointer
    ) throws(HeapError) {
        try self.init(control, slots, memory, owned: nil)
    }

    private init(
        _ control: UnsafeMutablePointer<heap_t>, _ slots: UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>,
        _ memory: UnsafeMutableRawBufferPointer, owned: UnsafeMutableRawBufferPointer?
    ) throws(HeapError) {
        self.control = control
        self.slots = slots
        ownedMemory = owned
        heap_init(control, memory.baseAddress, UInt32(truncatingIfNeeded: memory.count))
        guard control.pointee.mem != nil, UInt(memory.count) <= UInt(UInt32.max) else { throw .badMemory }
        for index in 0..<slots.count { slots[index] = nil }
    }

    #if !hasFeature(Embedded)
        /// Makes a heap of `bytes` bytes in memory of its own, which is given back with the heap.
        /// - Throws: ``HeapError/badMemory`` when `bytes` is beyond 32 bits or below the alignment.
        public init(bytes: Int) throws(HeapError) {
            guard bytes >= Int(dalloc_port_alignment()), bytes <= Int(UInt32.max) else { throw .badMemory }
            let slots = UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>.allocate(
                capacity: Int(dalloc_port_table_size()))
            slots.initialize(repeating: nil)
            let memory = UnsafeMutableRawBufferPointer.allocate(
                byteCount: bytes, alignment: max(16, Int(dalloc_port_alignment())))
            try self.init(.allocate(capacity: 1), slots, memory, owned: memory)
        }

        deinit {
            guard let ownedMemory else { return }
            ownedMemory.deallocate()
            slots.deallocate()
            control.deallocate()
        }
    #endif

    /// Bytes of the heap.
    public var size: Int { Int(control.pointee.total_size) }
    /// Bytes in use, padding included.
    public var used: Int { Int(control.pointee.offset) }
    /// Blocks in it.
    public var allocations: Int { Int(control.pointee.alloc_info.allocations_num) }
    /// Highest ``used`` so far.
    public var peak: Int { Int(control.pointee.alloc_info.max_memory_amount) }

    /// Allocates `bytes` bytes, zeroed if FILL_FREED_MEMORY_BY_NULLS is on.
    /// - Throws: ``HeapError/zeroSize``, ``HeapError/noRoom`` or ``HeapError/tableFull``.
    public mutating func allocate(_ bytes: Int) throws(HeapError) -> Allocation {
        guard let engine = Engine(control) else { throw .badMemory }
        guard UInt(bitPattern: bytes) <= UInt(UInt32.max) else { throw .noRoom }
        guard let slot = freeSlot(), let base = slots.baseAddress else { throw .tableFull }
        if let failure = engine.allocate(UInt32(truncatingIfNeeded: bytes), base + slot) { throw HeapError(failure) }
        return Allocation(slot: slot, heap: control)
    }

    /// Frees a block. One of another heap is left alone.
    public mutating func free(_ allocation: consuming Allocation) {
        guard let (engine, index) = find(allocation) else { return }
        engine.free(index)
    }

    /// Changes the size of a block and keeps min(old, new) bytes. When it throws, nothing has changed.
    /// - Throws: ``HeapError/zeroSize`` or ``HeapError/noRoom``; ``HeapError/badMemory`` for a block of another heap.
    public mutating func resize(_ allocation: borrowing Allocation, to bytes: Int) throws(HeapError) {
        guard let (engine, index) = find(allocation) else { throw .badMemory }
        guard UInt(bitPattern: bytes) <= UInt(UInt32.max) else { throw .noRoom }
        if let failure = engine.resize(index, to: UInt32(truncatingIfNeeded: bytes)) { throw HeapError(failure) }
    }

    /// Lends the bytes of a block. They must not be used after `body` returns: the next free may move them.
    /// - Throws: ``HeapError/badMemory`` for a block of another heap.
    public mutating func withBytes<Result>(
        of allocation: borrowing Allocation, _ body: (UnsafeMutableRawBufferPointer) -> Result
    ) throws(HeapError) -> Result {
        guard let (engine, index) = find(allocation) else { throw .badMemory }
        return body(
            UnsafeMutableRawBufferPointer(
                start: engine.address(index), count: Int(engine.table[index].allocated_size)))
    }

    /// Lends the C heap, for an agent to record it. `body` must not free blocks that have handles.
    public mutating func withUnsafeControl<Result>(_ body: (UnsafeMutablePointer<heap_t>) -> Result) -> Result {
        body(control)
    }

    private func find(_ allocation: borrowing Allocation) -> (Engine, Int)? {
        guard allocation.heap == control, allocation.slot < slots.count, let base = slots.baseAddress,
            let engine = Engine(control), let index = engine.find(owner: base + allocation.slot)
        else { return nil }
        return (engine, index)
    }

    private func freeSlot() -> Int? {
        for index in 0..<slots.count where slots[index] == nil { return index }
        return nil
    }
}

extension HeapError {
    fileprivate init(_ failure: dalloc_failure_t) {
        switch failure {
        case DALLOC_FAILURE_ZERO_SIZE: self = .zeroSize
        case DALLOC_FAILURE_TABLE_FULL: self = .tableFull
        default: self = .noRoom
        }
    }
}
