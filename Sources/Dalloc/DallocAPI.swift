// The functions of dalloc.h: they check what a C program passes, find the block, and leave the work to the engine.

// The names are the C API's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CDalloc

@c @implementation
public func heap_init(_ heap: UnsafeMutablePointer<heap_t>?, _ mem: UnsafeMutableRawPointer?, _ size: UInt32) {
    let name = cString("heap_init")
    guard let heap else { return report(in: name, "heap is NULL") }
    dalloc_port_zero(heap, dalloc_port_heap_size())
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
public func heap_deinit(_ heap: UnsafeMutablePointer<heap_t>?) {
    guard let engine = enter(heap, cString("heap_deinit")) else { return }
    engine.reset()
    leave(engine)
    dalloc_port_delete_mutex(engine.heap)
    dalloc_port_zero(engine.heap, dalloc_port_heap_size())
}

@c @implementation
public func dalloc(_ heap: UnsafeMutablePointer<heap_t>?, _ size: UInt32, _ ptr: PointerVariable?) {
    allocate(heap, size, ptr, from: dalloc_port_call_site())
}

/// - Parameter callSite: where the program's call returns to.
@inline(never)
func allocate(_ heap: HeapPointer?, _ size: UInt32, _ ptr: Variable?, from callSite: UnsafeRawPointer?) {
    let name = cString("dalloc")
    guard let ptr else { return reportMissing(name) }
    guard let engine = enter(heap, name) else {
        ptr.pointee = nil
        return
    }
    report(engine.allocate(size, ptr, from: callSite), name, size)
    leave(engine)
}

@c @implementation
public func dfree(_ heap: UnsafeMutablePointer<heap_t>?, _ ptr: PointerVariable?, _ condition: validate_ptr_condition_t)
{
    let name = cString("dfree")
    guard let engine = enter(heap, name) else { return }
    if let index = block(engine, ptr, condition, name) { engine.free(index) }
    leave(engine)
}

@c @implementation
public func drealloc(_ heap: UnsafeMutablePointer<heap_t>?, _ size: UInt32, _ ptr: PointerVariable?) -> Bool {
    let name = cString("drealloc")
    guard let engine = enter(heap, name) else { return false }
    defer { leave(engine) }
    guard let index = block(engine, ptr, USING_PTR_ADDRESS, name), let ptr else { return false }
    let failure = engine.resize(index, to: size, ptr)
    report(failure, name, size)
    return failure == DALLOC_FAILURE_NONE
}

@c @implementation
public func replace_pointers(
    _ heap: UnsafeMutablePointer<heap_t>?, _ ptrToReplace: PointerVariable?, _ ptrNew: PointerVariable?
) {
    let name = cString("replace_pointers")
    guard let engine = enter(heap, name) else { return }
    defer { leave(engine) }
    guard let old = ptrToReplace, let new = ptrNew else { return reportMissing(name) }
    guard let index = block(engine, old, USING_PTR_ADDRESS, name), old != new else { return }
    // Not by the value: a variable that was changed still owns its block.
    guard engine.scan(for: new) == nil else {
        return report(in: name, "refused: the new variable owns a block already")
    }
    engine.reown(index, old, new)
}

@c @implementation
public func validate_ptr(
    _ heap: UnsafeMutablePointer<heap_t>?, _ ptr: PointerVariable?, _ condition: validate_ptr_condition_t,
    _ ptrIndex: UnsafeMutablePointer<UInt32>?
) -> Bool {
    let name = cString("validate_ptr")
    guard let engine = enter(heap, name) else { return false }
    defer { leave(engine) }
    guard let ptr else {
        reportMissing(name)
        return false
    }
    guard let index = find(engine, ptr, condition) else { return false }
    ptrIndex?.pointee = UInt32(truncatingIfNeeded: index)
    return true
}

@c @implementation
public func heap_lock(_ heap: UnsafeMutablePointer<heap_t>?) {
    if let heap, heap.pointee.mem != nil { dalloc_port_lock(heap) }
}

@c @implementation
public func heap_unlock(_ heap: UnsafeMutablePointer<heap_t>?) {
    if let heap, heap.pointee.mem != nil { dalloc_port_unlock(heap) }
}

@c @implementation
public func heap_set_policy(
    _ heap: UnsafeMutablePointer<heap_t>?, _ policy: dalloc_policy_t, _ stepBytes: UInt32
) -> Bool {
    let name = cString("heap_set_policy")
    guard let engine = enter(heap, name) else { return false }
    defer { leave(engine) }
    guard engine.heap.pointee.observer == nil else {
        report(in: name, "refused: the heap has an observer already")
        return false
    }
    engine.setPolicy(isLazy: policy == DALLOC_LAZY, stepBytes: stepBytes)
    return true
}

@c @implementation
public func heap_compact(_ heap: UnsafeMutablePointer<heap_t>?, _ maxBytes: UInt32) -> UInt32 {
    guard let engine = enter(heap, cString("heap_compact")) else { return 0 }
    defer { leave(engine) }
    engine.compact(maxBytes, following: nil)
    return engine.heap.pointee.gap_bytes
}

/// The heap that a caller names, locked, or a message. ``leave(_:)`` unlocks it.
@inline(never)
func enter(_ heap: UnsafeMutablePointer<heap_t>?, _ function: UnsafePointer<CChar>) -> Engine? {
    guard let heap, let engine = Engine(heap) else {
        report(in: function, "heap is NULL or has no memory")
        return nil
    }
    dalloc_port_lock(heap)
    return engine
}

@inline(__always)
func leave(_ engine: Engine) {
    dalloc_port_unlock(engine.heap)
}

/// The block that a caller names; otherwise the heap tells of a bad pointer, and nothing changes.
@inline(never)
private func block(
    _ engine: Engine, _ ptr: Variable?, _ condition: validate_ptr_condition_t, _ function: UnsafePointer<CChar>
) -> Int? {
    guard let ptr else {
        reportMissing(function)
        return nil
    }
    guard let index = find(engine, ptr, condition) else {
        report(in: function, "the heap has no such block")
        let named = condition == USING_PTR_ADDRESS ? UnsafeMutableRawPointer(ptr) : ptr.pointee
        engine.tell(DALLOC_OP_BAD_POINTER, owner: UnsafeRawPointer(named))
        return nil
    }
    if condition == USING_PTR_ADDRESS, ptr.pointee != engine.address(index) {
        report(in: function, "the variable was changed; its block is", UInt32(truncatingIfNeeded: index))
    }
    return index
}

@inline(never)
private func find(_ engine: Engine, _ ptr: Variable, _ condition: validate_ptr_condition_t) -> Int? {
    condition == USING_PTR_ADDRESS ? engine.find(owner: ptr) : engine.find(value: ptr.pointee)
}

@inline(never)
func reportMissing(_ function: UnsafePointer<CChar>) {
    report(in: function, "ptr is NULL")
}

@inline(never)
private func report(_ failure: dalloc_failure_t, _ function: UnsafePointer<CChar>, _ size: UInt32) {
    switch failure {
    case DALLOC_FAILURE_NONE: return
    case DALLOC_FAILURE_ZERO_SIZE: report(in: function, "the size is 0")
    case DALLOC_FAILURE_TABLE_FULL: report(in: function, "the table is full; its entries", dalloc_port_table_size())
    default: report(in: function, "no room for bytes", size)
    }
}
