// SPDX-License-Identifier: Apache-2.0
//
// The functions of dalloc.h: they check what a C program passes, find the block, and leave the work to the engine.

// The names are the C API's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import CDalloc

// A wrong call whose result says so is silent, as in dalloc 1.5; what has no other way to be told is reported. Reports come last, when
// the heap is unlocked, and what happens again and again is told ever more seldom: docs/dalloc-1.5.md.

@c @implementation
func heap_init(_ heap: UnsafeMutablePointer<heap_t>?, _ mem: UnsafeMutableRawPointer?, _ size: UInt32) {
    let table = heap.flatMap { dalloc_port_own_table($0) }
    dalloc_heap_init_with_table(heap, mem, size, table, dalloc_port_own_entries())
}

@c @implementation
func dalloc_heap_init_with_table(
    _ heap: UnsafeMutablePointer<heap_t>?, _ mem: UnsafeMutableRawPointer?, _ size: UInt32,
    _ table: UnsafeMutablePointer<ptr_info_t>?, _ entries: UInt32
) {
    let name = cString("heap_init")
    guard let heap else { return report(in: name, "heap is NULL") }
    let hasTable = table != nil && entries &- 1 < 65535
    dalloc_port_clear_heap(heap, table, hasTable ? entries : 0)
    guard hasTable else { return report(in: name, "refused: table is NULL, or not of 1 to 65535 entries", entries) }
    let alignment = dalloc_port_alignment()
    guard let mem, UInt(bitPattern: mem) & UInt(alignment &- 1) == 0 else {
        return report(in: name, "refused: mem is NULL or not aligned to bytes", alignment)
    }
    guard size >= alignment else { return report(in: name, "refused: mem is too small, in bytes", size) }
    guard dalloc_port_create_mutex(heap) else { return report(in: name, "refused: no mutex could be made") }
    dalloc_port_zero(mem, size)
    heap.pointee.mem = mem.assumingMemoryBound(to: UInt8.self)
    heap.pointee.total_size = size
}

@c @implementation
func heap_deinit(_ heap: UnsafeMutablePointer<heap_t>?) {
    guard let engine = enter(heap) else { return }
    let heap = engine.heap
    // What outlives a heap. (Two fields: a copy of alloc_info would need as much stack as a table.)
    let (bytes, blocks) = (heap.pointee.alloc_info.max_memory_amount, heap.pointee.alloc_info.max_allocations_amount)
    engine.forget()
    leave(engine)
    dalloc_port_delete_mutex(heap)
    dalloc_port_clear_heap(heap, heap.pointee.table, heap.pointee.table_entries)
    // The table is the program's again.
    dalloc_port_forget_table(heap)
    heap.pointee.alloc_info.max_memory_amount = bytes
    heap.pointee.alloc_info.max_allocations_amount = blocks
}

@c @implementation
func dalloc(_ heap: UnsafeMutablePointer<heap_t>?, _ size: UInt32, _ ptr: PointerVariable?) {
    allocate(heap, size, ptr, from: dalloc_port_call_site())
}

/// - Parameter callSite: where the program's call returns to.
@inline(never)
func allocate(_ heap: HeapPointer?, _ size: UInt32, _ ptr: Variable?, from callSite: UnsafeRawPointer?) {
    let name = cString("dalloc")
    guard let ptr else { return report(DALLOC_REPORT_NULL, heap, name) }
    guard let engine = enter(heap) else {
        ptr.pointee = nil
        if heap != nil { report(DALLOC_REPORT_NO_MEMORY, heap, name) }
        return
    }
    let failure = engine.allocate(size, ptr, from: callSite)
    leave(engine, name)
    report(failure, engine, name, size)
}

@c @implementation
func dfree(_ heap: UnsafeMutablePointer<heap_t>?, _ ptr: PointerVariable?, _ condition: validate_ptr_condition_t) {
    let name = cString("dfree")
    guard let engine = enter(heap) else { return report(DALLOC_REPORT_NO_MEMORY, heap, name) }
    guard let index = block(engine, ptr, condition) else { return refuse(engine, ptr, name) }
    let isNamed = condition == USING_PTR_ADDRESS
    let isChanged = isNamed && !engine.reaches(ptr?.pointee, index)
    engine.free(index, isNamed: isNamed)
    leave(engine, name)
    if isChanged { reportChanged(index, engine, name) }
}

@c @implementation
func drealloc(_ heap: UnsafeMutablePointer<heap_t>?, _ size: UInt32, _ ptr: PointerVariable?) -> Bool {
    resize(heap, size, ptr, from: dalloc_port_call_site())
}

/// - Parameter callSite: where the program's call returns to.
@inline(__always)
func resize(_ heap: HeapPointer?, _ size: UInt32, _ ptr: Variable?, from callSite: UnsafeRawPointer?) -> Bool {
    let name = cString("drealloc")
    guard let engine = enter(heap) else { return false }
    guard let index = block(engine, ptr, USING_PTR_ADDRESS), let ptr else {
        leave(engine)
        return false
    }
    let isChanged = ptr.pointee != engine.address(index)
    let failure = engine.resize(index, to: size, ptr, from: callSite)
    leave(engine, name)
    report(failure, engine, name, size)
    guard failure == DALLOC_FAILURE_NONE else { return false }
    if isChanged { reportChanged(index, engine, name) }
    return true
}

@c @implementation
func replace_pointers(
    _ heap: UnsafeMutablePointer<heap_t>?, _ ptrToReplace: PointerVariable?, _ ptrNew: PointerVariable?
) {
    let name = cString("replace_pointers")
    guard let engine = enter(heap) else { return report(DALLOC_REPORT_NO_MEMORY, heap, name) }
    guard let old = ptrToReplace, let new = ptrNew else { return refuse(engine, nil, name) }
    guard let index = block(engine, old, USING_PTR_ADDRESS) else { return refuse(engine, old, name) }
    let isChanged = !engine.reaches(old.pointee, index)
    // Not by the value: a variable that was changed still owns its block.
    let isOwner = old != new && engine.scan(for: new) != nil
    if old != new, !isOwner { engine.reown(index, old, new) }
    leave(engine)
    if isChanged { reportChanged(index, engine, name) }
    if isOwner { report(DALLOC_REPORT_OWNED, engine.heap, name) }
}

@c @implementation
func validate_ptr(
    _ heap: UnsafeMutablePointer<heap_t>?, _ ptr: PointerVariable?, _ condition: validate_ptr_condition_t,
    _ ptrIndex: UnsafeMutablePointer<UInt32>?
) -> Bool {
    guard let ptr, let engine = enter(heap) else { return false }
    defer { leave(engine) }
    guard let index = find(engine, ptr, condition) else { return false }
    ptrIndex?.pointee = UInt32(truncatingIfNeeded: index)
    return true
}

@c @implementation
func heap_lock(_ heap: UnsafeMutablePointer<heap_t>?) {
    if let heap, heap.pointee.mem != nil { dalloc_port_lock(heap) }
}

@c @implementation
func heap_unlock(_ heap: UnsafeMutablePointer<heap_t>?) {
    if let heap, heap.pointee.mem != nil { dalloc_port_unlock(heap) }
}

@c @implementation
func dalloc_heap_set_policy(
    _ heap: UnsafeMutablePointer<heap_t>?, _ policy: dalloc_policy_t, _ stepBytes: UInt32
) -> Bool {
    let name = cString("dalloc_heap_set_policy")
    guard let engine = enter(heap) else {
        report(DALLOC_REPORT_NO_MEMORY, heap, name)
        return false
    }
    let isObserved = engine.heap.pointee.observer != nil
    let isDone = !isObserved && engine.setPolicy(policy, stepBytes: stepBytes)
    leave(engine, name)
    if isObserved {
        report(in: name, "refused: the heap has an observer already")
    } else if !isDone {
        report(in: name, "refused: blocks are pinned, and an eager heap moves all. Unpin them first")
    }
    return isDone
}

@c @implementation
func dalloc_heap_set_observer(
    _ heap: UnsafeMutablePointer<heap_t>?, _ observer: dalloc_observer_t?, _ context: UnsafeMutableRawPointer?
) -> Bool {
    let name = cString("dalloc_heap_set_observer")
    guard let engine = enter(heap) else {
        report(DALLOC_REPORT_NO_MEMORY, heap, name)
        return false
    }
    let control = engine.heap
    let isFree = control.pointee.observer == nil || control.pointee.observer_context == context
    if isFree {
        control.pointee.observer = observer
        control.pointee.observer_context = observer == nil ? nil : context
    }
    leave(engine)
    if !isFree { report(in: name, "refused: the heap has an observer already") }
    return isFree
}

@c @implementation
func dalloc_heap_compact(_ heap: UnsafeMutablePointer<heap_t>?, _ maxBytes: UInt32) -> UInt32 {
    let name = cString("dalloc_heap_compact")
    guard let engine = enter(heap) else {
        report(DALLOC_REPORT_NO_MEMORY, heap, name)
        return 0
    }
    _ = engine.compact(maxBytes, following: nil)
    let gaps = engine.heap.pointee.gap_bytes
    leave(engine, name)
    return gaps
}

/// The heap that a caller names, locked; nil when it is none. ``leave(_:)`` unlocks it.
@inline(never)
func enter(_ heap: UnsafeMutablePointer<heap_t>?) -> Engine? {
    guard let heap, let engine = Engine(heap) else { return nil }
    dalloc_port_lock(heap)
    return engine
}

@inline(__always)
func leave(_ engine: Engine) {
    dalloc_port_unlock(engine.heap)
}

/// After a call that may have made orphans.
@inline(__always)
func leave(_ engine: Engine, _ function: UnsafePointer<CChar>) {
    if engine.heap.pointee.orphans == 0 { return leave(engine) }
    leaveOrphans(engine, function)
}

@inline(never)
private func leaveOrphans(_ engine: Engine, _ function: UnsafePointer<CChar>) {
    let orphans = engine.takeOrphans()
    leave(engine)
    reportOrphans(orphans, engine.heap, function)
}

@inline(__always)
func reportOrphans(_ orphans: UInt32, _ heap: HeapPointer, _ function: UnsafePointer<CChar>) {
    if orphans > 0 { report(DALLOC_REPORT_ORPHANS, heap, function, orphans) }
}

/// The block that a caller names. Otherwise the observer hears of a bad pointer.
@inline(never)
func block(_ engine: Engine, _ ptr: Variable?, _ condition: validate_ptr_condition_t) -> Int? {
    guard let ptr else { return nil }
    if let index = find(engine, ptr, condition) { return index }
    let named = condition == USING_PTR_ADDRESS ? UnsafeMutableRawPointer(ptr) : ptr.pointee
    engine.tell(DALLOC_OP_BAD_POINTER, owner: UnsafeRawPointer(named))
    return nil
}

@inline(never)
private func find(_ engine: Engine, _ ptr: Variable, _ condition: validate_ptr_condition_t) -> Int? {
    condition == USING_PTR_ADDRESS ? engine.find(owner: ptr) : engine.find(value: ptr.pointee)
}

/// Ends a call without a block.
@inline(never)
private func refuse(_ engine: Engine, _ ptr: Variable?, _ function: UnsafePointer<CChar>) {
    leave(engine)
    report(ptr == nil ? DALLOC_REPORT_NULL : DALLOC_REPORT_UNKNOWN, engine.heap, function)
}

@inline(never)
func reportChanged(_ index: Int, _ engine: Engine, _ function: UnsafePointer<CChar>) {
    report(DALLOC_REPORT_CHANGED, engine.heap, function, UInt32(truncatingIfNeeded: index))
}

@inline(never)
private func report(_ failure: dalloc_failure_t, _ engine: Engine, _ function: UnsafePointer<CChar>, _ size: UInt32) {
    switch failure {
    // The result says it.
    case DALLOC_FAILURE_NONE, DALLOC_FAILURE_ZERO_SIZE: return
    case DALLOC_FAILURE_TABLE_FULL:
        report(DALLOC_REPORT_TABLE_FULL, engine.heap, function, engine.heap.pointee.table_entries)
    default: report(DALLOC_REPORT_NO_ROOM, engine.heap, function, size)
    }
}
