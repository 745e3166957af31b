// SPDX-License-Identifier: Apache-2.0
//
// The default heap of programs that need one only: dalloc.h with USE_SINGLE_HEAP_MEMORY. DALLOC_SINGLE_HEAP says the same to this
// compiler, which can't see C macros.

// The names are the C API's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

#if DALLOC_SINGLE_HEAP
    internal import CDalloc

    @c @implementation
    func dalloc_register_heap_with_table(
        _ heap: UnsafeMutablePointer<heap_t>?, _ buffer: UnsafeMutableRawPointer?, _ size: UInt32,
        _ table: UnsafeMutablePointer<ptr_info_t>?, _ entries: UInt32
    ) -> Bool {
        guard !dalloc_is_initialized() else {
            report("dalloc_register_heap", "refused: there is a default heap already")
            return false
        }
        dalloc_heap_init_with_table(heap, buffer, size, table, entries)
        dalloc_port_set_default_heap(heap)
        return dalloc_is_initialized()
    }

    @c @implementation
    func dalloc_unregister_heap(_ force: Bool) -> Bool {
        let name = cString("dalloc_unregister_heap")
        guard let engine = enter(dalloc_port_default_heap()) else {
            reportUnregistered(name)
            return false
        }
        let blocks = engine.heap.pointee.alloc_info.allocations_num
        leave(engine)
        guard force || blocks == 0 else {
            report(in: name, "refused: the default heap has blocks", blocks)
            return false
        }
        heap_deinit(engine.heap)
        return true
    }

    @c @implementation
    func dalloc_reset_heap() {
        guard let engine = enter(dalloc_port_default_heap()) else {
            return reportUnregistered(cString("dalloc_reset_heap"))
        }
        engine.forget()
        // As by heap_init, whatever the program has written outside its blocks, and FILL_FREED_MEMORY_BY_NULLS says.
        dalloc_port_zero(engine.heap.pointee.mem, engine.heap.pointee.total_size)
        leave(engine)
    }

    @c @implementation
    func dalloc_is_initialized() -> Bool {
        dalloc_port_default_heap()?.pointee.mem != nil
    }

    @c @implementation
    func dalloc_get_default_heap() -> UnsafeMutablePointer<heap_t>? {
        dalloc_is_initialized() ? dalloc_port_default_heap() : nil
    }

    @c @implementation
    func def_dalloc(_ size: UInt32, _ ptr: PointerVariable?) {
        guard dalloc_is_initialized() else {
            ptr?.pointee = nil
            return reportUnregistered(cString("dalloc"))
        }
        allocate(dalloc_port_default_heap(), size, ptr, from: dalloc_port_call_site())
    }

    @c @implementation
    func def_dfree(_ ptr: PointerVariable?) {
        guard dalloc_is_initialized() else { return reportUnregistered(cString("dfree")) }
        dfree(dalloc_port_default_heap(), ptr, USING_PTR_ADDRESS)
    }

    @c @implementation
    func def_drealloc(_ size: UInt32, _ ptr: PointerVariable?) -> Bool {
        guard dalloc_is_initialized() else {
            reportUnregistered(cString("def_drealloc"))
            return false
        }
        return resize(dalloc_port_default_heap(), size, ptr, from: dalloc_port_call_site())
    }

    @c @implementation
    func def_replace_pointers(_ ptrToReplace: PointerVariable?, _ ptrNew: PointerVariable?) {
        guard dalloc_is_initialized() else { return reportUnregistered(cString("replace_pointers")) }
        replace_pointers(dalloc_port_default_heap(), ptrToReplace, ptrNew)
    }

    @c @implementation
    func def_pin(_ ptr: PointerVariable?) -> Bool {
        dalloc_pin(dalloc_port_default_heap(), ptr)
    }

    @c @implementation
    func def_unpin(_ ptr: PointerVariable?) -> Bool {
        dalloc_unpin(dalloc_port_default_heap(), ptr)
    }

    @c @implementation
    func def_heap_lock() {
        heap_lock(dalloc_port_default_heap())
    }

    @c @implementation
    func def_heap_unlock() {
        heap_unlock(dalloc_port_default_heap())
    }

    @c @implementation
    func print_def_dalloc_info() {
        guard dalloc_is_initialized() else { return reportUnregistered(cString("print_def_dalloc_info")) }
        print_dalloc_info(dalloc_port_default_heap())
    }

    @c @implementation
    func dump_def_heap() {
        guard dalloc_is_initialized() else { return reportUnregistered(cString("dump_def_heap")) }
        dump_heap(dalloc_port_default_heap())
    }

    @c @implementation
    func dump_def_dalloc_ptr_info() {
        guard dalloc_is_initialized() else { return reportUnregistered(cString("dump_def_dalloc_ptr_info")) }
        dump_dalloc_ptr_info(dalloc_port_default_heap())
    }

    @c @implementation
    func def_dalloc_heap_info_str(_ buf: UnsafeMutablePointer<CChar>?, _ size: UInt32) -> Int32 {
        dalloc_heap_info_str(dalloc_get_default_heap(), buf, size)
    }

    @inline(never)
    private func reportUnregistered(_ function: UnsafePointer<CChar>) {
        dalloc_port_report_unregistered(function)
    }
#endif
