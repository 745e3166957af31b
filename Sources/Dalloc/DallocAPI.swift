// The functions of dalloc.h: they check what a C program passes, find the block, and leave the work to the engine.

// The names are the C API's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CDalloc

@c @implementation
public func heap_init(_ heap: UnsafeMutablePointer<heap_t>?, _ mem: UnsafeMutableRawPointer?, _ size: UInt32) {
    guard let heap else { return report("heap_init", "heap is NULL") }
    dalloc_port_zero(heap, dalloc_port_heap_size())
    let alignment = dalloc_port_alignment()
    guard let mem, UInt(bitPattern: mem) & UInt(alignment &- 1) == 0 else {
        return report("heap_init", "refused: mem is NULL or not aligned to bytes", alignment)
    }
    guard size >= alignment else { return report("heap_init", "refused: mem is too small, in bytes", size) }
    dalloc_port_zero(mem, size)
    heap.pointee.mem = mem.assumingMemoryBound(to: UInt8.self)
    heap.pointee.total_size = size
}

@c @implementation
public func heap_deinit(_ heap: UnsafeMutablePointer<heap_t>?) {
    guard let engine = engine(heap, cString("heap_deinit")) else { return }
    engine.reset()
    dalloc_port_zero(engine.heap, dalloc_port_heap_size())
}

@c @implementation
public func dalloc(
    _ heap: UnsafeMutablePointer<heap_t>?, _ size: UInt32, _ ptr: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) {
    guard let ptr else { return reportMissing(cString("dalloc")) }
    guard let engine = engine(heap, cString("dalloc")) else {
        ptr.pointee = nil
        return
    }
    if let failure = engine.allocate(size, ptr) { report(failure, cString("dalloc"), size) }
}

@c @implementation
public func dfree(
    _ heap: UnsafeMutablePointer<heap_t>?, _ ptr: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ condition: validate_ptr_condition_t
) {
    let name = cString("dfree")
    guard let engine = engine(heap, name), let index = block(engine, ptr, condition, name) else { return }
    engine.free(index)
}

@c @implementation
public func drealloc(
    _ heap: UnsafeMutablePointer<heap_t>?, _ size: UInt32, _ ptr: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Bool {
    let name = cString("drealloc")
    guard let engine = engine(heap, name), let index = block(engine, ptr, USING_PTR_ADDRESS, name) else {
        return false
    }
    guard let failure = engine.resize(index, to: size) else { return true }
    report(failure, name, size)
    return false
}

@c @implementation
public func replace_pointers(
    _ heap: UnsafeMutablePointer<heap_t>?, _ ptrToReplace: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ ptrNew: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) {
    guard let engine = engine(heap, cString("replace_pointers")) else { return }
    guard let old = ptrToReplace, let new = ptrNew else { return reportMissing(cString("replace_pointers")) }
    guard let index = block(engine, old, USING_PTR_ADDRESS, cString("replace_pointers")), old != new else { return }
    // Not by the value: a variable that was changed still owns its block.
    guard engine.scan(for: new) == nil else {
        return report("replace_pointers", "refused: the new variable owns a block already")
    }
    engine.reown(index, old, new)
}

@c @implementation
public func validate_ptr(
    _ heap: UnsafeMutablePointer<heap_t>?, _ ptr: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ condition: validate_ptr_condition_t, _ ptrIndex: UnsafeMutablePointer<UInt32>?
) -> Bool {
    guard let engine = engine(heap, cString("validate_ptr")) else { return false }
    guard let ptr else {
        reportMissing(cString("validate_ptr"))
        return false
    }
    guard let index = find(engine, ptr, condition) else { return false }
    ptrIndex?.pointee = UInt32(truncatingIfNeeded: index)
    return true
}

/// The heap that a caller names, or a message.
@inline(never)
private func engine(_ heap: UnsafeMutablePointer<heap_t>?, _ function: UnsafePointer<CChar>) -> Engine? {
    guard let heap, let engine = Engine(heap) else {
        report(in: function, "heap is NULL or has no memory")
        return nil
    }
    return engine
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
private func reportMissing(_ function: UnsafePointer<CChar>) {
    report(in: function, "ptr is NULL")
}

@inline(never)
private func report(_ failure: dalloc_failure_t, _ function: UnsafePointer<CChar>, _ size: UInt32) {
    switch failure {
    case DALLOC_FAILURE_ZERO_SIZE: report(in: function, "the size is 0")
    case DALLOC_FAILURE_TABLE_FULL: report(in: function, "the table is full; its entries", dalloc_port_table_size())
    default: report(in: function, "no room for bytes", size)
    }
}
