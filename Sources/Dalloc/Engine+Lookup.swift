// SPDX-License-Identifier: Apache-2.0
//
// Finding a block: by its address with a binary search, because the table is in the order of addresses; by its variable with
// the address that the variable holds, and with a scan when a program has changed it.

internal import CDalloc

extension Engine {
    /// The block that starts at `address`; or the one whose owner was advanced and holds just that.
    @inline(__always)
    func find(value address: UnsafeMutableRawPointer?) -> Int? {
        guard let index = find(around: address) else { return nil }
        if address == self.address(index) { return index }
        guard reaches(address, index), let owner = table[index].ptr else { return nil }
        return UnsafeMutableRawPointer(owner.pointee) == address ? index : nil
    }

    /// The last block that starts at `address` or before it. What lies outside the heap costs two comparisons.
    @inline(__always)
    private func find(around address: UnsafeMutableRawPointer?) -> Int? {
        let offset = UInt(bitPattern: address) &- base
        guard offset <= UInt(heap.pointee.offset) else { return nil }
        return find(offset: UInt32(truncatingIfNeeded: offset))
    }

    @inline(never)
    private func find(offset: UInt32) -> Int? {
        let table = table
        var (low, high) = (0, count)
        while low < high {
            let middle = (low &+ high) &>> 1
            if table[middle].offset <= offset { low = middle &+ 1 } else { high = middle }
        }
        return low > 0 ? low &- 1 : nil
    }

    /// The block that `variable` owns.
    @inline(never)
    func find(owner variable: Variable) -> Int? {
        if let index = find(around: variable.pointee), owns(variable, index) { return index }
        return scan(for: variable)
    }

    /// The block that `variable` owns, whatever the variable holds. The newest one, if it was given to dalloc twice.
    func scan(for variable: Variable) -> Int? {
        var index = count
        while index > 0 {
            index &-= 1
            if owns(variable, index) { return index }
        }
        return nil
    }

    @inline(__always)
    func owns(_ variable: Variable, _ index: Int) -> Bool {
        UnsafeRawPointer(table[index].ptr) == UnsafeRawPointer(variable)
    }
}
