// SPDX-License-Identifier: Apache-2.0
//
// The bytes that libFuzzer made up, read as choices. There is always a next one: after the end they are all zero, so that every input
// means something, and a longer one means what the shorter one did and more.

struct FuzzInput {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var offset = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { offset >= bytes.count }

    mutating func byte() -> UInt8 {
        guard offset < bytes.count else { return 0 }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func choice(of count: Int) -> Int { Int(byte()) % max(count, 1) }

    /// A byte below 0xF8 is itself; others say how many bytes, less one, follow with a number, low ones first.
    mutating func number() -> UInt64 {
        let first = byte()
        guard first >= 0xF8 else { return UInt64(first) }
        var value: UInt64 = 0
        for place in 0...UInt64(first - 0xF8) { value |= UInt64(byte()) << (place * 8) }
        return value
    }

    mutating func number32() -> UInt32 { UInt32(truncatingIfNeeded: number()) }

    /// A length in one byte, or three after 0xFF, and as many bytes as there are.
    mutating func block() -> [UInt8] {
        var length = Int(byte())
        if length == 0xFF { length = Int(byte()) | Int(byte()) << 8 }
        let end = min(offset + length, bytes.count)
        defer { offset = end }
        return offset < end ? Array(bytes[offset..<end]) : []
    }
}
