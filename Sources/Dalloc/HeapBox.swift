// SPDX-License-Identifier: Apache-2.0

/// One value in a ``Heap``. It holds a handle and no address, so compaction can move the value at any time.
///
///     let limits = try HeapBox(Limits(low: 3, high: 9), in: &heap)
///     try limits.update(in: &heap) { $0.high = 12 }
///     try limits.free(in: &heap)
///
/// A box that is dropped without ``free(in:)`` leaves its block in the heap.
public struct HeapBox<Value: BitwiseCopyable>: ~Copyable {
    private let block: Allocation

    /// - Throws: ``HeapError/noRoom`` or ``HeapError/tableFull``.
    public init(_ value: Value, in heap: inout Heap) throws(HeapError) {
        let block = try heap.allocate(byteCount: max(MemoryLayout<Value>.size, 1))
        try heap.withMutableBytes(of: block) { $0.storeBytes(of: value, as: Value.self) }
        self.block = block
    }

    /// A copy of the value.
    /// - Throws: ``HeapError/foreignAllocation``.
    public func value(in heap: borrowing Heap) throws(HeapError) -> Value {
        try heap.withBytes(of: block) { $0.unsafeLoadUnaligned(as: Value.self) }
    }

    /// - Throws: ``HeapError/foreignAllocation``.
    public func set(_ value: Value, in heap: inout Heap) throws(HeapError) {
        try heap.withMutableBytes(of: block) { $0.storeBytes(of: value, as: Value.self) }
    }

    /// Changes the value in place. When `change` throws, the value is as it was.
    /// - Throws: ``HeapError/foreignAllocation``, and what `change` throws.
    public func update(in heap: inout Heap, _ change: (inout Value) throws(HeapError) -> Void) throws(HeapError) {
        try heap.withMutableBytes(of: block) { bytes throws(HeapError) in
            var value = bytes.bytes.unsafeLoadUnaligned(as: Value.self)
            try change(&value)
            bytes.storeBytes(of: value, as: Value.self)
        }
    }

    /// Frees the box's block.
    /// - Throws: ``HeapError/foreignAllocation``.
    public consuming func free(in heap: inout Heap) throws(HeapError) {
        try heap.free(block)
    }
}
