// SPDX-License-Identifier: Apache-2.0
//
// The Swift API: the same engine as under dalloc.h, with handles instead of pointer variables. The variables that compaction
// updates are slots of the heap, so a handle can't dangle and survives every move by construction.

public import CDalloc

/// A compacting heap. A free closes its gap at once, so the free bytes are always in one piece.
///
///     var heap = try Heap(bytes: 4096)
///     let message = try heap.allocate(byteCount: 64)
///     try heap.withMutableBytes(of: message) { bytes in bytes.storeBytes(of: 7, as: UInt8.self) }
///     try heap.free(message)
///
/// A heap belongs to one task or thread at a time. A handle of another heap, or of one that has ended, is a mistake of the program: debug
/// builds stop there, release builds throw ``HeapError/foreignAllocation`` and change nothing.
public struct Heap: ~Copyable {
    private let control: UnsafeMutablePointer<heap_t>
    /// The slot of a live allocation is the owner of its block. A free slot holds the number of the next free one, as ``freeSlots``
    /// does; the table alone decides which of the two a slot is.
    private let slots: UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>
    /// The first free slot, counted from 1; 0 when there is none.
    private var freeSlots: UInt
    /// Tells this heap's handles from those of others, also of one that was at the same place before.
    private let generation = dalloc_port_next_generation()
    #if !hasFeature(Embedded)
        private let ownedMemory: UnsafeMutableRawBufferPointer?
        /// Holds `control`; nil when that is the caller's.
        package let ownedControl: HeapControl?
    #endif

    /// Makes a heap in memory of the caller's, which must stay valid, where it is, and untouched for as long as the heap lives; the
    /// control block also for as long as an agent that records it.
    /// - Parameters:
    ///   - control: holds the table.
    ///   - slots: one for each block that may be in the heap at a time; more than MAX_NUM_OF_ALLOCATIONS are of no use.
    ///   - memory: the heap's bytes, aligned to ALLOCATION_ALIGNMENT_BYTES, at most 2^32 - 1 of them.
    /// - Throws: ``HeapError/badMemory``.
    public init(
        unsafeControl control: UnsafeMutablePointer<heap_t>,
        slots: UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>, memory: UnsafeMutableRawBufferPointer
    ) throws(HeapError) {
        guard let size = Self.size(memory.count) else { throw .badMemory }
        heap_init(control, memory.baseAddress, size)
        guard control.pointee.mem != nil else { throw .badMemory }
        (self.control, self.slots, freeSlots) = (control, slots, 0)
        #if !hasFeature(Embedded)
            (ownedMemory, ownedControl) = (nil, nil)
        #endif
        giveBackAll()
    }

    /// The same, in static arrays:
    ///
    ///     // Safe, both: only the heap and its agent use them, on one thread or under its lock; a global's address never changes.
    ///     nonisolated(unsafe) var slots = InlineArray<32, UnsafeMutableRawPointer?>(repeating: nil)
    ///     nonisolated(unsafe) var memory = InlineArray<1024, UInt32>(repeating: 0)
    ///     var heap = try Heap(unsafeControl: control, slots: &slots, memory: &memory)
    ///
    /// `control` is the address of a static heap_t in C: Swift 6.3 gives a global variable of a C struct no bytes for the struct's padding,
    /// and heap_t has some, so that its neighbours would be overwritten.
    /// - Parameters:
    ///   - control: holds the table.
    ///   - slots: one for each block that may be in the heap at a time.
    ///   - memory: the heap's bytes, as words, so that they are aligned.
    /// - Throws: ``HeapError/badMemory``.
    public init<let blocks: Int, let words: Int, Word: FixedWidthInteger>(
        unsafeControl control: UnsafeMutablePointer<heap_t>,
        slots: UnsafeMutablePointer<InlineArray<blocks, UnsafeMutableRawPointer?>>,
        memory: UnsafeMutablePointer<InlineArray<words, Word>>
    ) throws(HeapError) {
        let start = UnsafeMutableRawPointer(slots).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
        try self.init(
            unsafeControl: control, slots: UnsafeMutableBufferPointer(start: start, count: blocks),
            memory: UnsafeMutableRawBufferPointer(
                start: memory, count: MemoryLayout<InlineArray<words, Word>>.size))
    }

    /// All slots are free.
    private mutating func giveBackAll() {
        var slot = slots.count
        while slot > 0 {
            slot &-= 1
            giveBack(slot)
        }
    }

    #if !hasFeature(Embedded)
        /// Makes a heap of `bytes` bytes in memory of its own, which is given back with the heap.
        /// - Throws: ``HeapError/badMemory`` when `bytes` is beyond 32 bits or below the alignment.
        public init(bytes: Int) throws(HeapError) {
            let alignment = Int(dalloc_port_alignment())
            guard bytes >= alignment, let size = Self.size(bytes) else { throw .badMemory }
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: max(16, alignment))
            let owned = HeapControl()
            heap_init(owned.pointer, memory.baseAddress, size)
            (control, slots, freeSlots) = (owned.pointer, .allocate(capacity: Int(dalloc_port_own_entries())), 0)
            (ownedMemory, ownedControl) = (memory, owned)
            giveBackAll()
        }
    #endif

    /// Ends the C heap: an observer is told of the reset.
    deinit {
        heap_deinit(control)
        #if !hasFeature(Embedded)
            guard let ownedMemory else { return }
            ownedMemory.deallocate()
            slots.deallocate()
        #endif
    }

    /// Bytes of the heap.
    public var size: Int { Int(control.pointee.total_size) }
    /// Bytes in use, padding included; gaps that the lazy policy has left are not in use.
    public var used: Int { Int(control.pointee.offset &- control.pointee.gap_bytes) }
    /// Bytes in gaps; always 0 with the eager policy.
    public var gaps: Int { Int(control.pointee.gap_bytes) }
    /// Blocks in it now.
    public var liveBlocks: Int { Int(control.pointee.alloc_info.allocations_num) }
    /// Highest ``used`` so far.
    public var peak: Int { Int(control.pointee.alloc_info.max_memory_amount) }

    /// Allocates a block. Its bytes are zero when FILL_FREED_MEMORY_BY_NULLS is on.
    /// - Parameter byteCount: 1 to 2^32 - 1.
    /// - Throws: ``HeapError/zeroSize``, ``HeapError/noRoom`` or ``HeapError/tableFull``.
    public mutating func allocate(byteCount: Int) throws(HeapError) -> Allocation {
        guard let size = Self.size(byteCount) else { throw .noRoom }
        guard freeSlots != 0, let first = slots.baseAddress else { throw .tableFull }
        guard let engine = Dalloc.enter(control) else { throw .badMemory }
        let slot = Int(bitPattern: freeSlots &- 1)
        freeSlots = UInt(bitPattern: first[slot])
        let failure = engine.allocate(size, first + slot, from: dalloc_port_call_site())
        leave(engine, cString("Heap"))
        guard failure == DALLOC_FAILURE_NONE else {
            giveBack(slot)
            throw HeapError(failure)
        }
        return Allocation(slot: slot, heap: generation)
    }

    /// Frees a block, and closes its gap or leaves it, as ``Policy`` says.
    /// - Throws: ``HeapError/foreignAllocation``.
    public mutating func free(_ allocation: consuming Allocation) throws(HeapError) {
        let (engine, index) = try enter(allocation)
        engine.free(index, isNamed: true)
        giveBack(allocation.slot)
        leave(engine, cString("Heap"))
    }

    /// Changes the size of a block in place and keeps min(old, new) bytes. When it throws, nothing has changed.
    /// - Parameters:
    ///   - allocation: a block of this heap.
    ///   - byteCount: 1 to 2^32 - 1.
    /// - Throws: ``HeapError/zeroSize``, ``HeapError/noRoom`` or ``HeapError/foreignAllocation``.
    public mutating func resize(_ allocation: borrowing Allocation, toByteCount byteCount: Int) throws(HeapError) {
        guard let size = Self.size(byteCount), let first = slots.baseAddress else { throw .noRoom }
        let (engine, index) = try enter(allocation)
        let failure = engine.resize(index, to: size, first + allocation.slot, from: dalloc_port_call_site())
        leave(engine, cString("Heap"))
        guard failure == DALLOC_FAILURE_NONE else { throw HeapError(failure) }
    }

    /// Lends the bytes of a block for reading. `body` can't keep them: the next free may move them.
    /// - Throws: ``HeapError/foreignAllocation``, and what `body` throws.
    public func withBytes<Result: ~Copyable>(
        of allocation: borrowing Allocation, _ body: (RawSpan) throws(HeapError) -> Result
    ) throws(HeapError) -> Result {
        let (engine, start, count) = try lend(allocation)
        defer { leave(engine) }
        return try body(RawSpan(_unsafeStart: start, byteCount: count))
    }

    /// Lends the bytes of a block for writing. `body` can't keep them: the next free may move them.
    /// - Throws: ``HeapError/foreignAllocation``, and what `body` throws.
    public mutating func withMutableBytes<Result: ~Copyable>(
        of allocation: borrowing Allocation, _ body: (inout MutableRawSpan) throws(HeapError) -> Result
    ) throws(HeapError) -> Result {
        let (engine, start, count) = try lend(allocation)
        defer { leave(engine) }
        var bytes = MutableRawSpan(_unsafeStart: start, byteCount: count)
        return try body(&bytes)
    }

    /// Lends the bytes of a block for reading, to a body that throws errors of its own. The closure says which:
    /// `{ bytes throws(MyError) in … }`.
    /// - Throws: ``HeapAccessError``.
    @_disfavoredOverload
    public func withBytes<Result: ~Copyable, Failure: Error>(
        of allocation: borrowing Allocation, _ body: (RawSpan) throws(Failure) -> Result
    ) throws(HeapAccessError<Failure>) -> Result {
        let (engine, start, count) = try lend(allocation, to: Failure.self)
        defer { leave(engine) }
        do throws(Failure) { return try body(RawSpan(_unsafeStart: start, byteCount: count)) } catch {
            throw .body(error)
        }
    }

    /// Lends the bytes of a block for writing, to a body that throws errors of its own. The closure says which:
    /// `{ bytes throws(MyError) in … }`.
    /// - Throws: ``HeapAccessError``.
    @_disfavoredOverload
    public mutating func withMutableBytes<Result: ~Copyable, Failure: Error>(
        of allocation: borrowing Allocation, _ body: (inout MutableRawSpan) throws(Failure) -> Result
    ) throws(HeapAccessError<Failure>) -> Result {
        let (engine, start, count) = try lend(allocation, to: Failure.self)
        defer { leave(engine) }
        var bytes = MutableRawSpan(_unsafeStart: start, byteCount: count)
        do throws(Failure) { return try body(&bytes) } catch { throw .body(error) }
    }

    /// When gaps are closed: at once, which is the default, or when they are needed. See dalloc_heap_set_policy in dalloc.h.
    public enum Policy: Sendable {
        case eager
        /// `stepBytes` is the most bytes that compaction moves in one step, but one whole block at least; 0: no limit.
        case lazy(stepBytes: UInt32)
        /// At once, but blocks that are pinned stay where they are.
        case pinning
    }

    /// Chooses the policy. Back to ``Policy/eager``, all gaps are closed first.
    /// - Throws: ``HeapError/observed`` when an agent records the heap already, ``HeapError/eager`` when blocks are pinned.
    public mutating func setPolicy(_ policy: Policy) throws(HeapError) {
        guard control.pointee.observer == nil else { throw .observed }
        let isSet =
            switch policy {
            case .eager: dalloc_heap_set_policy(control, DALLOC_POLICY_EAGER, 0)
            case .lazy(let stepBytes): dalloc_heap_set_policy(control, DALLOC_POLICY_LAZY, stepBytes)
            case .pinning: dalloc_heap_set_policy(control, DALLOC_POLICY_PINNING, 0)
            }
        guard isSet else { throw .eager }
    }

    /// Keeps a block where it is, for a DMA controller or an interrupt, until ``unpin(_:)`` has been called as often as this. Pin early,
    /// low in the heap: free bytes below a pinned block serve nobody. See dalloc_pin.h.
    /// - Returns: its bytes, good until then; after ``resize(_:toByteCount:)`` there are more or fewer, from the same address.
    /// - Throws: ``HeapError/eager``, ``HeapError/pins`` or ``HeapError/foreignAllocation``.
    @discardableResult
    public mutating func pin(_ allocation: borrowing Allocation) throws(HeapError) -> UnsafeMutableRawBufferPointer {
        let (engine, index) = try enter(allocation)
        let isEager = engine.heap.pointee.policy == nil
        let isDone = !isEager && engine.pin(index)
        let (start, count) = (engine.address(index), Int(engine.table[index].allocated_size))
        leave(engine)
        guard isDone else { throw isEager ? .eager : .pins }
        return UnsafeMutableRawBufferPointer(start: start, count: count)
    }

    /// Undoes one ``pin(_:)``.
    /// - Throws: ``HeapError/pins`` when the block is not pinned, or ``HeapError/foreignAllocation``.
    public mutating func unpin(_ allocation: borrowing Allocation) throws(HeapError) {
        let (engine, index) = try enter(allocation)
        let isDone = engine.unpin(index)
        leave(engine, cString("Heap"))
        guard isDone else { throw .pins }
    }

    /// Moves at most `bytes` bytes of blocks down into the gaps, but one whole block at least. For an idle task.
    /// - Returns: the bytes that are still in gaps.
    public mutating func compact(atMost bytes: UInt32) -> Int {
        Int(dalloc_heap_compact(control, bytes))
    }

    /// Lends the C heap, for an agent to record it, as long as the heap lives. Code that frees a block with a handle through it
    /// leaves a handle that names nothing, or a later block.
    public mutating func withUnsafeControl<Result: ~Copyable, Failure>(
        _ body: (UnsafeMutablePointer<heap_t>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(control)
    }

    /// As the C API has it; nil beyond 32 bits. (UInt32(exactly:) is an allocating function to the embedded compiler.)
    private static func size(_ bytes: Int) -> UInt32? {
        UInt(bitPattern: bytes) <= UInt(UInt32.max) ? UInt32(truncatingIfNeeded: bytes) : nil
    }

    /// Locks the heap, where it has a mutex, and finds the entry of a block. All that takes a handle begins here, and
    /// ends with `leave`.
    private func enter(_ allocation: borrowing Allocation) throws(HeapError) -> (Engine, Int) {
        if allocation.heap == generation, allocation.slot < slots.count, let first = slots.baseAddress,
            let engine = Dalloc.enter(control)
        {
            if let index = engine.find(owner: first + allocation.slot) { return (engine, index) }
            leave(engine)
        }
        Misuse.stop("The allocation belongs to another heap, or its block was freed through the C API.")
        throw .foreignAllocation
    }

    /// The bytes of a block, in a heap that stays locked until `leave`.
    private func lend(
        _ allocation: borrowing Allocation
    ) throws(HeapError) -> (Engine, UnsafeMutableRawPointer, Int) {
        let (engine, index) = try enter(allocation)
        guard let start = engine.address(index) else {
            leave(engine)
            throw .foreignAllocation
        }
        return (engine, start, Int(engine.table[index].allocated_size))
    }

    private func lend<Failure: Error>(
        _ allocation: borrowing Allocation, to _: Failure.Type
    ) throws(HeapAccessError<Failure>) -> (Engine, UnsafeMutableRawPointer, Int) {
        do throws(HeapError) { return try lend(allocation) } catch { throw .heap(error) }
    }

    /// Puts a slot in front of the free ones.
    private mutating func giveBack(_ slot: Int) {
        slots[slot] = UnsafeMutableRawPointer(bitPattern: freeSlots)
        freeSlots = UInt(bitPattern: slot) &+ 1
    }
}
