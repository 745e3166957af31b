// SPDX-License-Identifier: Apache-2.0
//
// What a person or a script reads of a heap: the print and dump functions of dalloc.h, and the info string. dalloc_debug is the program's
// and may call the heap in the middle of a listing, so nothing is remembered from one part of it to the next.

// The names are the C API's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import CDalloc

@c @implementation
func print_dalloc_info(_ heap: UnsafeMutablePointer<heap_t>?) {
    show(heap, cString("print_dalloc_info")) { heap in
        dalloc_port_print_usage(heap)
        dalloc_port_print_end()
    }
}

@c @implementation
func dump_dalloc_ptr_info(_ heap: UnsafeMutablePointer<heap_t>?) {
    show(heap, cString("dump_dalloc_ptr_info")) { heap in
        dalloc_port_print_table_begin()
        var index = 0
        while let engine = Engine(heap), index < engine.count {
            var block = engine.block(index)
            dalloc_port_print_block(&block, engine.firstByte(index))
            index &+= 1
        }
        dalloc_port_print_end()
    }
}

@c @implementation
func dump_heap(_ heap: UnsafeMutablePointer<heap_t>?) {
    show(heap, cString("dump_heap")) { heap in
        var offset: UInt32 = 0
        while heap.pointee.mem != nil, offset < heap.pointee.total_size {
            let length = min(heap.pointee.total_size &- offset, 16)
            dalloc_port_print_bytes(heap.pointee.mem + Int(truncatingIfNeeded: offset), length)
            offset &+= length
        }
        dalloc_port_print_bytes_end()
    }
}

@c @implementation
func dalloc_heap_info_str(
    _ heap: UnsafeMutablePointer<heap_t>?, _ buf: UnsafeMutablePointer<CChar>?, _ size: UInt32
) -> Int32 {
    guard let buf, size > 0 else { return -1 }
    buf.pointee = 0
    guard let heap else { return -1 }
    heap_lock(heap)
    let length = dalloc_port_info(heap, buf, size)
    heap_unlock(heap)
    // Whatever the program's dalloc_snprintf does with a text that is too long.
    buf[Int(truncatingIfNeeded: size &- 1)] = 0
    return length
}

/// Lists a heap, locked if it has memory: one that has ended still has its peaks.
@inline(__always)
private func show(
    _ heap: UnsafeMutablePointer<heap_t>?, _ function: UnsafePointer<CChar>, _ list: (HeapPointer) -> Void
) {
    guard let heap else { return report(in: function, "heap is NULL") }
    heap_lock(heap)
    list(heap)
    heap_unlock(heap)
}

extension Engine {
    /// The byte that the owner of a block points to; the block's first one, if it points elsewhere.
    func firstByte(_ index: Int) -> UInt8 {
        let start = base &+ UInt(table[index].offset)
        let advance = UInt(bitPattern: table[index].ptr?.pointee) &- start
        let isInside = advance < UInt(table[index].allocated_size)
        return UnsafePointer<UInt8>(bitPattern: isInside ? start &+ advance : start)?.pointee ?? 0
    }
}
