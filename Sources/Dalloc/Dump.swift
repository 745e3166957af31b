// What a person reads of a heap: the print and dump functions of dalloc.h, and the info string. One call of dalloc_debug is one line.

// The names are the C API's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CDalloc

@c @implementation
public func print_dalloc_info(_ heap: UnsafeMutablePointer<heap_t>?) {
    guard let engine = enter(heap, cString("print_dalloc_info")) else { return }
    dalloc_port_print_usage(engine.heap)
    engine.printTable()
    leave(engine)
}

@c @implementation
public func dump_dalloc_ptr_info(_ heap: UnsafeMutablePointer<heap_t>?) {
    guard let engine = enter(heap, cString("dump_dalloc_ptr_info")) else { return }
    engine.printTable()
    leave(engine)
}

@c @implementation
public func dump_heap(_ heap: UnsafeMutablePointer<heap_t>?) {
    guard let engine = enter(heap, cString("dump_heap")) else { return }
    let used = engine.heap.pointee.offset
    var offset: UInt32 = 0
    while offset < used {
        let length = min(used &- offset, 16)
        dalloc_port_print_bytes(engine.heap.pointee.mem + Int(truncatingIfNeeded: offset), length)
        offset &+= length
    }
    leave(engine)
}

@c @implementation
public func dalloc_heap_info_str(
    _ heap: UnsafeMutablePointer<heap_t>?, _ buf: UnsafeMutablePointer<CChar>?, _ size: UInt32
) -> Int32 {
    let name = cString("dalloc_heap_info_str")
    guard let engine = enter(heap, name) else { return -1 }
    defer { leave(engine) }
    guard let buf, size > 0 else {
        report(in: name, "refused: buf is NULL or size is 0")
        return -1
    }
    return dalloc_port_info(engine.heap, buf, size)
}

extension Engine {
    func printTable() {
        dalloc_port_print_heading()
        for index in 0..<count {
            var block = block(index)
            dalloc_port_print_block(&block)
        }
    }
}
