// SPDX-License-Identifier: Apache-2.0

/// A growable array in a ``Heap``. It holds a handle and no address, so compaction can move the elements at any time.
///
///     var readings = try HeapArray<Float>(in: &heap)
///     try readings.append(21.5, in: &heap)
///     let first = try readings.element(at: 0, in: heap)
///     try readings.free(in: &heap)
///
/// An array that is dropped without ``free(in:)`` leaves its block in the heap. When a method throws, the array is as it was.
public struct HeapArray<Element: BitwiseCopyable>: ~Copyable {
    private let block: Allocation
    /// Elements in it.
    public private(set) var count = 0
    /// Elements that fit before the block must grow.
    public private(set) var capacity: Int

    private static var stride: Int { MemoryLayout<Element>.stride }

    /// Makes an empty array.
    /// - Parameters:
    ///   - capacity: elements to have room for from the beginning, at least 1.
    ///   - heap: where the elements are; every later call takes the same heap.
    /// - Throws: ``HeapError/noRoom`` or ``HeapError/tableFull``.
    public init(capacity: Int = 4, in heap: inout Heap) throws(HeapError) {
        let capacity = max(capacity, 1)
        block = try heap.allocate(byteCount: try Self.bytes(capacity))
        self.capacity = capacity
    }

    /// - Throws: ``HeapError/noRoom`` or ``HeapError/foreignAllocation``.
    public mutating func append(_ element: Element, in heap: inout Heap) throws(HeapError) {
        try grow(by: 1, in: &heap)
        try store(element, at: count, in: &heap)
        count &+= 1
    }

    /// Appends copies of the elements.
    /// - Throws: ``HeapError/noRoom`` or ``HeapError/foreignAllocation``.
    public mutating func append(contentsOf source: Span<Element>, in heap: inout Heap) throws(HeapError) {
        let added = source.count
        try grow(by: added, in: &heap)
        let start = count &* Self.stride
        try heap.withMutableBytes(of: block) { bytes in
            bytes.withUnsafeMutableBytes { bytes in
                source.withUnsafeBytes { source in
                    guard let to = bytes.baseAddress, let from = source.baseAddress else { return }
                    (to + start).copyMemory(from: from, byteCount: added &* Self.stride)
                }
            }
        }
        count &+= added
    }

    /// - Throws: ``HeapError/outOfBounds`` or ``HeapError/foreignAllocation``.
    public func element(at index: Int, in heap: borrowing Heap) throws(HeapError) -> Element {
        guard index >= 0, index < count else { throw .outOfBounds }
        return try heap.withBytes(of: block) {
            $0.unsafeLoadUnaligned(fromByteOffset: index &* Self.stride, as: Element.self)
        }
    }

    /// - Throws: ``HeapError/outOfBounds`` or ``HeapError/foreignAllocation``.
    public mutating func set(_ element: Element, at index: Int, in heap: inout Heap) throws(HeapError) {
        guard index >= 0, index < count else { throw .outOfBounds }
        try store(element, at: index, in: &heap)
    }

    /// Inserts before the element at `index`; at `count`, appends.
    /// - Throws: ``HeapError/outOfBounds``, ``HeapError/noRoom`` or ``HeapError/foreignAllocation``.
    public mutating func insert(_ element: Element, at index: Int, in heap: inout Heap) throws(HeapError) {
        guard index >= 0, index <= count else { throw .outOfBounds }
        try grow(by: 1, in: &heap)
        try move(from: index, to: index &+ 1, count: count &- index, in: &heap)
        try store(element, at: index, in: &heap)
        count &+= 1
    }

    /// - Throws: ``HeapError/outOfBounds`` or ``HeapError/foreignAllocation``.
    @discardableResult
    public mutating func remove(at index: Int, in heap: inout Heap) throws(HeapError) -> Element {
        let element = try element(at: index, in: heap)
        try move(from: index &+ 1, to: index, count: count &- index &- 1, in: &heap)
        count &-= 1
        return element
    }

    /// Forgets the elements and keeps the room for them.
    public mutating func removeAll() {
        count = 0
    }

    /// Makes room for `capacity` elements at least.
    /// - Throws: ``HeapError/noRoom`` or ``HeapError/foreignAllocation``.
    public mutating func reserveCapacity(_ capacity: Int, in heap: inout Heap) throws(HeapError) {
        guard capacity > self.capacity else { return }
        try heap.resize(block, toByteCount: try Self.bytes(capacity))
        self.capacity = capacity
    }

    /// Gives back the room that no element takes.
    /// - Throws: ``HeapError/foreignAllocation``.
    public mutating func shrink(in heap: inout Heap) throws(HeapError) {
        let capacity = max(count, 1)
        guard capacity < self.capacity else { return }
        try heap.resize(block, toByteCount: try Self.bytes(capacity))
        self.capacity = capacity
    }

    /// Lends the bytes of the elements for reading. `body` can't keep them: the next free may move them.
    /// - Throws: ``HeapError/foreignAllocation``, and what `body` throws.
    public func withBytes<Result: ~Copyable>(
        in heap: borrowing Heap, _ body: (RawSpan) throws(HeapError) -> Result
    ) throws(HeapError) -> Result {
        let length = count &* Self.stride
        return try heap.withBytes(of: block) { bytes throws(HeapError) in try body(bytes.extracting(first: length)) }
    }

    /// Frees the array's block.
    /// - Throws: ``HeapError/foreignAllocation``.
    public consuming func free(in heap: inout Heap) throws(HeapError) {
        try heap.free(block)
    }

    private func store(_ element: Element, at index: Int, in heap: inout Heap) throws(HeapError) {
        try heap.withMutableBytes(of: block) {
            $0.storeBytes(of: element, toByteOffset: index &* Self.stride, as: Element.self)
        }
    }

    private func move(from: Int, to: Int, count: Int, in heap: inout Heap) throws(HeapError) {
        try heap.withMutableBytes(of: block) { bytes in
            bytes.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                (base + to &* Self.stride).copyMemory(from: base + from &* Self.stride, byteCount: count &* Self.stride)
            }
        }
    }

    /// Makes room for `added` elements, and half as many again as there are, so that appending one by one seldom moves anything; for
    /// just as many when there is no more.
    private mutating func grow(by added: Int, in heap: inout Heap) throws(HeapError) {
        let needed = count &+ added
        guard needed > capacity else { return }
        do throws(HeapError) {
            try reserveCapacity(max(needed, capacity &+ capacity / 2), in: &heap)
        } catch {
            guard case .noRoom = error else { throw error }
            try reserveCapacity(needed, in: &heap)
        }
    }

    /// - Throws: ``HeapError/noRoom`` beyond 32 bits.
    private static func bytes(_ capacity: Int) throws(HeapError) -> Int {
        guard capacity <= Int(UInt32.max >> 1) / stride else { throw .noRoom }
        return capacity &* stride
    }
}
