// SPDX-License-Identifier: Apache-2.0
//
// A device's heap as its program sees it: pointer variables by number, and the C API.

internal import CDalloc
internal import Dalloc

struct ProgramHeap {
    typealias Owner = UnsafeMutablePointer<UnsafeMutableRawPointer?>

    /// Pointer variables that a device has.
    static let slots = 512

    let heap: UnsafeMutablePointer<heap_t>
    let owners: Owner
    /// Calls of the C API so far.
    let operations: UnsafeMutablePointer<UInt64>

    /// False when there was no room.
    func allocate(_ size: UInt32, _ slot: Int) -> Bool {
        operations.pointee += 1
        dalloc(heap, size, owners + slot)
        return owners[slot] != nil
    }

    func free(_ slot: Int) {
        operations.pointee += 1
        dfree(heap, owners + slot, USING_PTR_ADDRESS)
    }

    func resize(_ slot: Int, to size: UInt32) {
        operations.pointee += 1
        _ = drealloc(heap, size, owners + slot)
    }

    func hand(_ slot: Int, to other: Int) {
        operations.pointee += 1
        replace_pointers(heap, owners + slot, owners + other)
    }

    // MARK: Nodes: blocks that start with the owner of another one

    func clearChild(of slot: Int) { owners[slot]?.storeBytes(of: 0, as: UInt.self) }

    func hasChild(_ slot: Int) -> Bool { (owners[slot]?.loadUnaligned(as: UInt.self) ?? 0) != 0 }

    func allocateChild(_ size: UInt32, of slot: Int) {
        guard let owner = child(of: slot) else { return }
        operations.pointee += 1
        dalloc(heap, size, owner)
    }

    func freeChild(of slot: Int) {
        guard hasChild(slot), let owner = child(of: slot) else { return }
        operations.pointee += 1
        dfree(heap, owner, USING_PTR_ADDRESS)
    }

    private func child(of slot: Int) -> Owner? {
        owners[slot]?.assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
    }

    /// Frees the first block without an owner, by its address. False when there is none.
    func freeOrphan() -> Bool {
        let table = dalloc_port_table(heap)
        for index in 0..<Int(heap.pointee.alloc_info.allocations_num) where table[index].ptr == nil {
            var address: UnsafeMutableRawPointer? = UnsafeMutableRawPointer(heap.pointee.mem + Int(table[index].offset))
            operations.pointee += 1
            dfree(heap, &address, USING_PTR_VALUE)
            return true
        }
        return false
    }
}
