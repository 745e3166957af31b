// SPDX-License-Identifier: Apache-2.0
//
// A heap of the real allocator, and variables that own its blocks.

import CDalloc
import Dalloc

final class DeviceHeap {
    private typealias Variable = UnsafeMutablePointer<UnsafeMutableRawPointer?>

    static let mostBlocks = dalloc_port_own_entries()
    static let alignment = dalloc_port_alignment()

    private let heap = UnsafeMutablePointer<heap_t>.allocate(capacity: 1)
    private let memory: UnsafeMutableRawPointer
    private let variables = UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>.allocate(capacity: 1 + Int(mostBlocks))
    private var freeVariables = Array(0...Int(mostBlocks))

    /// - Parameter stepBytes: of the lazy policy; nil: the eager one.
    init(size: UInt32, stepBytes: UInt32?) {
        memory = .allocate(byteCount: Int(size), alignment: 16)
        variables.initialize(repeating: nil)
        heap_init(heap, memory, size)
        if let stepBytes { _ = dalloc_heap_set_policy(heap, DALLOC_POLICY_LAZY, stepBytes) }
    }

    deinit {
        heap_deinit(heap)
        heap.deallocate()
        memory.deallocate()
        variables.deallocate()
    }

    var used: Int { Int(heap.pointee.offset &- heap.pointee.gap_bytes) }
    var gapBytes: Int { Int(heap.pointee.gap_bytes) }
    var liveBlocks: Int { Int(heap.pointee.alloc_info.allocations_num) }
    var bytesMoved: Int { Int(heap.pointee.alloc_info.total_bytes_moved) }
    var peakUsed: Int { Int(heap.pointee.alloc_info.max_memory_amount) }

    /// The number of the variable that owns the block.
    func allocate(_ size: UInt32) -> Int? {
        guard let variable = freeVariables.last, let pointer = pointer(variable) else { return nil }
        dalloc(heap, size, pointer)
        guard pointer.pointee != nil else { return nil }
        freeVariables.removeLast()
        return variable
    }

    func free(_ variable: Int) {
        dfree(heap, pointer(variable), USING_PTR_ADDRESS)
        freeVariables.append(variable)
    }

    func resize(_ variable: Int, to size: UInt32) -> Bool {
        drealloc(heap, size, pointer(variable))
    }

    func offset(_ variable: Int) -> Int? {
        variables[variable].map { $0 - memory }
    }

    private func pointer(_ variable: Int) -> Variable? {
        variables.baseAddress.map { $0 + variable }
    }
}
