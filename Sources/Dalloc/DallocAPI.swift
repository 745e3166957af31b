// The functions of dalloc.h: they check what a C program passes, find the block, and leave the work to the engine.

// The names are the C API's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CDalloc

@c @implementation
public func heap_init(_ heap: UnsafeMutablePointer<heap_t>?, _ mem: UnsafeMutableRawPointer?, _ size: UInt32) {
    guard let heap else { return report("heap_init", "heap is NULL") }
    UnsafeMutableRawPointer(heap).initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<heap_t>.size)
    guard let mem else { return report("heap_init", "mem is NULL") }
    let alignment = dalloc_port_alignment()
    guard UInt(bitPattern: mem) & UInt(alignment &- 1) == 0 else {
        return report("heap_init", "mem is not aligned; the heap stays without memory. Align it to bytes", alignment)
    }
    guard size >= alignment else {
        return report("heap_init", "mem is too small; the heap stays without memory. The least is bytes", alignment)
    }
    heap.pointee.mem = mem.initializeMemory(as: UInt8.self, repeating: 0, count: Int(size))
    heap.pointee.total_size = size
}

@c @implementation
public func heap_deinit(_ heap: UnsafeMutablePointer<heap_t>?) {
    guard let heap, let engine = Engine(heap) else { return report("heap_deinit", "heap is NULL or not initialised") }
    engine.reset()
    UnsafeMutableRawPointer(heap).initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<heap_t>.size)
}

@c @implementation
public func dalloc(
    _ heap: UnsafeMutablePointer<heap_t>?, _ size: UInt32, _ ptr: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) {
    guard let ptr else { return report("dalloc", "ptr is NULL") }
    guard let heap, let engine = Engine(heap) else {
        ptr.pointee = nil
        return report("dalloc", "heap is NULL or not initialised")
    }
    switch engine.allocate(size, ptr) {
    case nil: break
    case DALLOC_FAILURE_ZERO_SIZE: report("dalloc", "size is 0")
    case DALLOC_FAILURE_TABLE_FULL:
        report("dalloc", "the table is full; MAX_NUM_OF_ALLOCATIONS is", UInt32(engine.count))
    default: report("dalloc", "no room for bytes", size)
    }
}

@c @implementation
public func dfree(
    _ heap: UnsafeMutablePointer<heap_t>?, _ ptr: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ condition: validate_ptr_condition_t
) {
    guard let ptr else { return report("dfree", "ptr is NULL") }
    guard let heap, let engine = Engine(heap) else { return report("dfree", "heap is NULL or not initialised") }
    guard let index = find("dfree", engine, ptr, condition) else { return }
    engine.free(index)
}

@c @implementation
public func drealloc(
    _ heap: UnsafeMutablePointer<heap_t>?, _ size: UInt32, _ ptr: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Bool {
    guard let ptr else {
        report("drealloc", "ptr is NULL")
        return false
    }
    guard let heap, let engine = Engine(heap) else {
        report("drealloc", "heap is NULL or not initialised")
        return false
    }
    guard let index = find("drealloc", engine, ptr, USING_PTR_ADDRESS) else { return false }
    guard engine.resize(index, to: size) != nil else { return true }
    if size == 0 { report("drealloc", "size is 0") } else { report("drealloc", "no room for bytes", size) }
    return false
}

@c @implementation
public func replace_pointers(
    _ heap: UnsafeMutablePointer<heap_t>?, _ ptrToReplace: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ ptrNew: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) {
    guard let old = ptrToReplace, let new = ptrNew else { return report("replace_pointers", "a pointer is NULL") }
    guard let heap, let engine = Engine(heap) else {
        return report("replace_pointers", "heap is NULL or not initialised")
    }
    guard let index = find("replace_pointers", engine, old, USING_PTR_ADDRESS), old != new else { return }
    // Not by the value: a variable that was changed still owns its block.
    guard engine.find(owner: new) == nil else {
        return report("replace_pointers", "the new variable owns a block already; nothing is changed")
    }
    engine.reown(index, old, new)
}

@c @implementation
public func validate_ptr(
    _ heap: UnsafeMutablePointer<heap_t>?, _ ptr: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ condition: validate_ptr_condition_t, _ ptrIndex: UnsafeMutablePointer<UInt32>?
) -> Bool {
    guard let heap, let ptr, let engine = Engine(heap) else {
        report("validate_ptr", "heap or ptr is NULL, or heap is not initialised")
        return false
    }
    let found = condition == USING_PTR_ADDRESS ? engine.find(owner: ptr) : engine.find(value: ptr.pointee)
    guard let found else { return false }
    ptrIndex?.pointee = UInt32(truncatingIfNeeded: found)
    return true
}

/// The block that a caller names; otherwise the heap tells of a bad pointer, and nothing changes.
private func find(
    _ function: StaticString, _ engine: Engine, _ ptr: Variable, _ condition: validate_ptr_condition_t
) -> Int? {
    let byAddress = condition == USING_PTR_ADDRESS
    guard let index = byAddress ? engine.find(owner: ptr) : engine.find(value: ptr.pointee) else {
        report(function, "the heap has no such block")
        engine.tell(DALLOC_OP_BAD_POINTER, owner: byAddress ? UnsafeRawPointer(ptr) : UnsafeRawPointer(ptr.pointee))
        return nil
    }
    if byAddress, ptr.pointee != UnsafeMutableRawPointer(engine.address(index)) {
        report(
            function, "the pointer variable was changed; its block is found by the table, of bytes",
            engine.table[index].allocated_size)
    }
    return index
}
