// SPDX-License-Identifier: Apache-2.0
//
// Writes one frame, COBS(payload ‖ CRC-32) and a zero, byte by byte into a ring or a window.
//
// Consistent Overhead Byte Stuffing (Cheshire and Baker, 1997) puts a code before each run of up to 254 bytes without
// a zero. The code is known at the end of the run only, so it is patched in. A writer can show a window of the frame:
// bytes outside are computed but not stored. So a device that has no room for the whole frame sends it in pieces, and
// writes it again for each.

public struct FrameWriter {
    private let memory: UnsafeMutablePointer<UInt8>
    /// Where memory begins again.
    private let memorySize: Int
    /// Where the frame begins in memory; less than 0 when a window shows a later part.
    private let origin: Int
    /// What is stored ends there; in a ring perhaps beyond `memorySize`, at the beginning.
    private let end: Int
    /// Bytes of the frame on the line so far.
    public private(set) var position = 1
    /// Bytes of the payload so far.
    public private(set) var count = 0
    private var codePosition = 0
    private var code: UInt8 = 1
    private var checksum = CRC32()

    /// Bytes that are stored at most.
    public var room: Int { end &- origin }

    /// The most bytes that a frame takes on the line, with a payload of `payload` bytes.
    public static func longest(payload: Int) -> Int {
        let stuffed = payload + WireLimits.checksum
        return stuffed + stuffed / 254 + 2
    }

    /// Writes into a ring of `size` bytes, from `origin` on; at most `room` bytes are stored.
    public init(ring memory: UnsafeMutablePointer<UInt8>, size: Int, origin: Int, room: Int) {
        (self.memory, memorySize, self.origin, end) = (memory, size, origin, origin &+ room)
    }

    /// Stores only the `length` bytes that start at byte `start` of the frame.
    public init(window memory: UnsafeMutablePointer<UInt8>, start: Int, length: Int) {
        (self.memory, memorySize, origin, end) = (memory, length, 0 &- start, length)
    }

    @inline(__always)
    private func store(_ byte: UInt8, at place: Int) {
        var index = origin &+ place
        // One less than 0 is a large one.
        guard UInt(bitPattern: index) < UInt(bitPattern: end) else { return }
        if index >= memorySize { index &-= memorySize }
        memory[index] = byte
    }

    // These methods aren't inlined: a device has more time than flash.
    @inline(never)
    public mutating func byte(_ byte: UInt8) {
        checksum.add(byte)
        count &+= 1
        if byte != 0 {
            store(byte, at: position)
            position &+= 1
            code &+= 1
            guard code == 255 else { return }
        }
        closeBlock()
    }

    @inline(never)
    private mutating func closeBlock() {
        store(code, at: codePosition)
        codePosition = position
        position &+= 1
        code = 1
    }

    @inline(never)
    public mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            byte(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        byte(UInt8(truncatingIfNeeded: rest))
    }

    @inline(never)
    public mutating func varint(_ value: UInt32) {
        varint(UInt64(wide: value))
    }

    @inline(never)
    public mutating func word(_ value: UInt32) {
        var rest = value
        for _ in 0..<4 {
            byte(UInt8(truncatingIfNeeded: rest))
            rest &>>= 8
        }
    }

    @inline(never)
    public mutating func bytes(_ source: UnsafePointer<UInt8>, count: Int) {
        for index in 0..<count { byte(source[index]) }
    }

    /// A length and as many bytes.
    #if hasFeature(Embedded)
        @inline(never)
    #endif
    public mutating func text(_ text: UnsafeBufferPointer<UInt8>) {
        varint(UInt64(wide: text.count))
        if let start = text.baseAddress { bytes(start, count: text.count) }
    }

    /// Adds checksum and end. Returns the bytes of the whole frame on the line, stored or not.
    #if hasFeature(Embedded)
        @inline(never)
    #endif
    public mutating func finish() -> Int {
        word(checksum.value)
        closeBlock()
        // Where the next block would begin.
        code = 0
        closeBlock()
        return position &- 1
    }
}
