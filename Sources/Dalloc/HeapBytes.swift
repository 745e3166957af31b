// SPDX-License-Identifier: Apache-2.0

/// A growable string of bytes in a ``Heap``, for messages and logs. It holds a handle and no address, so compaction can move the
/// bytes at any time.
///
///     var line = try HeapBytes(in: &heap)
///     try line.append("t=", in: &heap)
///     try line.append(decimal: 21, in: &heap)
///     try line.withBytes(in: heap) { uart.write($0) }
///     try line.free(in: &heap)
///
/// A string that is dropped without ``free(in:)`` leaves its block in the heap.
public struct HeapBytes: ~Copyable {
    private var bytes: HeapArray<UInt8>

    /// Makes an empty string.
    /// - Parameters:
    ///   - capacity: bytes to have room for from the beginning, at least 1.
    ///   - heap: where the bytes are; every later call takes the same heap.
    /// - Throws: ``HeapError/noRoom`` or ``HeapError/tableFull``.
    public init(capacity: Int = 16, in heap: inout Heap) throws(HeapError) {
        bytes = try HeapArray(capacity: capacity, in: &heap)
    }

    /// Bytes in it.
    public var count: Int { bytes.count }

    /// - Throws: ``HeapError/noRoom`` or ``HeapError/foreignAllocation``; then nothing was appended.
    public mutating func append(_ byte: UInt8, in heap: inout Heap) throws(HeapError) {
        try bytes.append(byte, in: &heap)
    }

    /// - Throws: ``HeapError/noRoom`` or ``HeapError/foreignAllocation``; then nothing was appended.
    public mutating func append(_ text: StaticString, in heap: inout Heap) throws(HeapError) {
        try append(contentsOf: Span(_unsafeStart: text.utf8Start, count: text.utf8CodeUnitCount), in: &heap)
    }

    /// - Throws: ``HeapError/noRoom`` or ``HeapError/foreignAllocation``; then nothing was appended.
    public mutating func append(contentsOf source: Span<UInt8>, in heap: inout Heap) throws(HeapError) {
        try bytes.append(contentsOf: source, in: &heap)
    }

    /// Appends a number in decimal.
    /// - Throws: ``HeapError/noRoom`` or ``HeapError/foreignAllocation``; then nothing was appended.
    public mutating func append(decimal number: Int, in heap: inout Heap) throws(HeapError) {
        // 64 bits have 20 digits at most with the sign.
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var first = 20
        var rest = number.magnitude
        repeat {
            first &-= 1
            digits[first] = UInt8(truncatingIfNeeded: rest % 10) &+ 0x30
            rest /= 10
        } while rest > 0
        if number < 0 {
            first &-= 1
            digits[first] = 0x2D
        }
        try append(contentsOf: digits.span.extracting(first..<20), in: &heap)
    }

    /// - Throws: ``HeapError/outOfBounds`` or ``HeapError/foreignAllocation``.
    public func byte(at index: Int, in heap: borrowing Heap) throws(HeapError) -> UInt8 {
        try bytes.element(at: index, in: heap)
    }

    /// - Throws: ``HeapError/foreignAllocation``.
    public func equals(_ text: StaticString, in heap: borrowing Heap) throws(HeapError) -> Bool {
        guard text.utf8CodeUnitCount == count else { return false }
        return try withBytes(in: heap) { bytes in
            for index in 0..<bytes.byteCount
            where bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self) != text.utf8Start[index] {
                return false
            }
            return true
        }
    }

    /// Lends the bytes for reading. `body` can't keep them: the next free may move them.
    /// - Throws: ``HeapError/foreignAllocation``, and what `body` throws.
    public func withBytes<Result: ~Copyable>(
        in heap: borrowing Heap, _ body: (RawSpan) throws(HeapError) -> Result
    ) throws(HeapError) -> Result {
        try bytes.withBytes(in: heap, body)
    }

    /// Forgets the bytes and keeps the room for them.
    public mutating func removeAll() {
        bytes.removeAll()
    }

    /// Frees the string's block.
    /// - Throws: ``HeapError/foreignAllocation``.
    public consuming func free(in heap: inout Heap) throws(HeapError) {
        try bytes.free(in: &heap)
    }
}
