// SPDX-License-Identifier: Apache-2.0
//
// A device's RAM: pointer variables first, then the heap. It stands at the same address in every run, as in a real device,
// so that addresses in the history can be compared between runs.

internal import Glibc

struct DeviceMemory {
    let owners: ProgramHeap.Owner
    let heap: UnsafeMutableRawPointer
    /// False when something else was at the address already.
    let isAtItsAddress: Bool

    /// Where the first device's RAM starts.
    private static let base: UInt = 0x2000_0000
    private static let ownerBytes = ProgramHeap.slots * MemoryLayout<UnsafeMutableRawPointer?>.stride

    /// Nil when the system gives no more memory.
    init?(index: Int, heapSize: UInt32) {
        let page = 4096
        let bytes = Self.ownerBytes + Int(heapSize)
        // After each device there is a page that can't be accessed.
        let stride = (bytes + page - 1) / page * page + page
        let address = Self.base + UInt(index) * UInt(stride)
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        let fixedWithoutReplacing: Int32 = 0x10_0000
        var memory = mmap(
            UnsafeMutableRawPointer(bitPattern: address), bytes, PROT_READ | PROT_WRITE, flags | fixedWithoutReplacing,
            -1, 0)
        if memory == MAP_FAILED { memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, flags, -1, 0) }
        guard let memory, memory != MAP_FAILED else { return nil }
        owners = memory.bindMemory(to: UnsafeMutableRawPointer?.self, capacity: ProgramHeap.slots)
        owners.initialize(repeating: nil, count: ProgramHeap.slots)
        heap = memory + Self.ownerBytes
        isAtItsAddress = UInt(bitPattern: memory) == address
    }
}
