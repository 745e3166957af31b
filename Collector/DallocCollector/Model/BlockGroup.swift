// SPDX-License-Identifier: Apache-2.0
//
// What blocks are counted under, so that people can ask who holds the memory: the call that allocated them where the device tells it, else
// the pointer variable that owns them, else their size.

internal import HeapHistory
internal import HeapWire

struct BlockGroup: Hashable, Comparable, Sendable {
    enum Kind: UInt8, CaseIterable, Sendable {
        /// Groups that are not told apart.
        case others
        /// `value`: where the call that allocated the blocks returns to.
        case callSite
        /// `value`: address of the pointer variable that owns them, outside of the heap: a static or a stack variable.
        case variable
        /// Owned from inside a block, as in a list. `value`: the size class of that block, as in `size`, times 2^32, and the
        /// variable's offset
        /// in the block.
        case inside
        /// `value`: n, for blocks of 2^(n-1) + 1 to 2^n bytes. Their owners are too many to be told apart, or unknown.
        case size
        /// Blocks without an owner. `value`: the call site, or 0.
        case orphan
    }

    var kind: Kind
    var value: UInt64

    static let others = BlockGroup(kind: .others, value: 0)

    /// - Parameter size: of the block that has the variable.
    static func inside(size: UInt32, offset: UInt32) -> BlockGroup {
        BlockGroup(kind: .inside, value: Self.size(size).value &<< 32 | UInt64(offset))
    }

    /// The class of `size` bytes.
    static func size(_ size: UInt32) -> BlockGroup {
        BlockGroup(kind: .size, value: size < 2 ? 0 : UInt64(32 &- (size &- 1).leadingZeroBitCount))
    }

    static func < (left: BlockGroup, right: BlockGroup) -> Bool {
        (left.kind.rawValue, left.value) < (right.kind.rawValue, right.value)
    }

    /// For tables of 2^`bits` places: Fibonacci hashing (Knuth, TAOCP vol. 3, 6.4).
    func place(bits: Int) -> Int {
        let mixed = (value ^ UInt64(kind.rawValue) &<< 56) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed &>> UInt64(truncatingIfNeeded: 64 &- bits))
    }
}

extension BlockGroup {
    /// As in the database: `c8001234` a call site, `v20000100` a variable, both in hexadecimal; `i64+8` at 8 in blocks of 33 to 64 bytes;
    /// `s64` blocks of 33 to 64 bytes; `o` or `o8001234` orphans; `z` the others.
    var code: String {
        switch kind {
        case .others: "z"
        case .callSite: "c" + String(value, radix: 16)
        case .variable: "v" + String(value, radix: 16)
        case .inside: "i\(largestSize)+\(offset)"
        case .size: "s\(largestSize)"
        case .orphan: value == 0 ? "o" : "o" + String(value, radix: 16)
        }
    }

    /// Bytes of the largest block of the size class.
    var largestSize: UInt64 { 1 << min(kind == .inside ? value >> 32 : value, 32) }
    /// Bytes from the beginning of the block to the variable.
    var offset: UInt64 { kind == .inside ? value & 0xFFFF_FFFF : 0 }

    /// Nil when `code` is none.
    init?(code: String) {
        var code = code
        let group = code.withUTF8 { BlockGroup(code: $0[...]) }
        guard let group else { return nil }
        self = group
    }

    /// The same, of UTF-8: a question about a fleet reads millions of them.
    init?(code: Slice<UnsafeBufferPointer<UInt8>>) {
        let rest = code.dropFirst()
        switch code.first {
        case UInt8(ascii: "z") where rest.isEmpty: self = .others
        case UInt8(ascii: "c"): self.init(.callSite, rest)
        case UInt8(ascii: "v"): self.init(.variable, rest)
        case UInt8(ascii: "o") where rest.isEmpty: self.init(kind: .orphan, value: 0)
        case UInt8(ascii: "o"): self.init(.orphan, rest)
        case UInt8(ascii: "i"):
            guard let plus = rest.firstIndex(of: UInt8(ascii: "+")), let size = Self.sizeClass(rest[..<plus]),
                let offset = Self.number(rest[(plus + 1)...], radix: 10), offset <= UInt32.max
            else { return nil }
            self.init(kind: .inside, value: size << 32 | offset)
        case UInt8(ascii: "s"):
            guard let size = Self.sizeClass(rest) else { return nil }
            self.init(kind: .size, value: size)
        default: return nil
        }
    }

    private static func sizeClass(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> UInt64? {
        guard let size = number(text, radix: 10), size.nonzeroBitCount == 1, size <= 1 << 32 else { return nil }
        return UInt64(size.trailingZeroBitCount)
    }

    private init?(_ kind: Kind, _ digits: Slice<UnsafeBufferPointer<UInt8>>) {
        guard let value = Self.number(digits, radix: 16) else { return nil }
        self.init(kind: kind, value: value)
    }

    /// Digits and nothing else, in lower case.
    private static func number(_ digits: Slice<UnsafeBufferPointer<UInt8>>, radix: UInt64) -> UInt64? {
        guard !digits.isEmpty else { return nil }
        var value: UInt64 = 0
        for sign in digits {
            var digit = UInt64(sign &- UInt8(ascii: "0"))
            if digit > 9 {
                guard sign >= UInt8(ascii: "a") else { return nil }
                digit = UInt64(sign &- UInt8(ascii: "a") &+ 10)
            }
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: radix)
            let (sum, isOver) = product.addingReportingOverflow(digit)
            guard digit < radix, !isTooLarge, !isOver else { return nil }
            value = sum
        }
        return value
    }
}
