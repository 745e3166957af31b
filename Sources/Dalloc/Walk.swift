// SPDX-License-Identifier: Apache-2.0
//
// The walker of dalloc_walk.h.

// The names are the C API's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import CDalloc

@c @implementation
func dalloc_heap_walk(
    _ heap: UnsafeMutablePointer<heap_t>?, _ visitor: dalloc_visitor_t?, _ context: UnsafeMutableRawPointer?
) -> UInt32 {
    guard let engine = enter(heap) else {
        report(DALLOC_REPORT_NO_MEMORY, heap, cString("dalloc_heap_walk"))
        return 0
    }
    guard let visitor else {
        leave(engine)
        report(DALLOC_REPORT_NULL, engine.heap, cString("dalloc_heap_walk"))
        return 0
    }
    defer { leave(engine) }
    var seen: UInt32 = 0
    while Int(truncatingIfNeeded: seen) < engine.count {
        var block = engine.block(Int(truncatingIfNeeded: seen))
        seen &+= 1
        guard visitor(context, &block) else { break }
    }
    return seen
}

extension Engine {
    /// All that is known of a block.
    func block(_ index: Int) -> dalloc_block_t {
        let entry = table + index
        var block = dalloc_block_t()
        block.index = UInt32(truncatingIfNeeded: index)
        block.offset = entry.pointee.offset
        block.size = entry.pointee.allocated_size
        block.padded_size = aligned(entry.pointee.allocated_size)
        block.gap = entry.pointee.offset &- end(before: index)
        block.address = address(index)
        block.owner = UnsafeMutableRawPointer(entry.pointee.ptr)?.assumingMemoryBound(
            to: Optional<UnsafeMutableRawPointer>.self)
        block.call_site = dalloc_port_get_call_site(entry)
        block.is_pinned = entry.pointee.pins > 0
        return block
    }
}
