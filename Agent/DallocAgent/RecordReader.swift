// SPDX-License-Identifier: Apache-2.0
//
// Reads what a recorder holds, and packs it into a frame. It needs no lock: a recorder only adds to what it holds, until
// this has told it that it is read.

internal import CDalloc
internal import HeapWire

struct RecordReader {
    private(set) var next: UnsafePointer<UInt8>
    /// The call site of the operation that was read last; 0 at the start of a frame.
    private(set) var callSite: UInt

    init(_ bytes: UnsafePointer<UInt8>, callSite: UInt) { (next, self.callSite) = (bytes, callSite) }

    private static var pointerWidth: UInt32 { UInt32(truncatingIfNeeded: MemoryLayout<UInt>.size) }

    /// Packs the next operation. Returns where the one after it begins.
    mutating func pass(to encoder: inout OperationEncoder) -> UnsafePointer<UInt8> {
        let kind = passHead(to: &encoder)
        if kind.number > OperationKind.skipped {
            encoder.pin(UInt32(kind.number &- 10), depth: number())
            return next
        }
        let has = kind.lookUpFields()
        if has.has(.depth) { encoder.depth(number()) }
        let why = has.has(.why) ? number() : 0
        if has.has(.why) { encoder.why(why) }
        if has.has(.size) {
            let size = size()
            if why != 2 { encoder.size(size) }
        }
        if has.has(.owner) { owner(&encoder, shift: Self.pointerWidth == 8 ? 3 : 2) }
        if dalloc_port_has_call_sites(), has.has(.callSite) { site(&encoder) }
        return next
    }

    @inline(__always)
    mutating func passHead(to encoder: inout OperationEncoder) -> OperationKind {
        let head = byte()
        let kind = OperationKind(number: head &>> 4)
        var elapsed = UInt32(head & 15)
        if elapsed == RecordFields.farTicks { elapsed &+= number() }
        encoder.begin(OperationKind(number: min(kind.number, OperationKind.skipped)), elapsed: elapsed)
        return kind
    }

    /// An owner, or an address of a watched heap.
    /// - Parameter shift: distances are counted in so many bytes, as a power of two.
    mutating func owner(_ encoder: inout OperationEncoder, shift: UInt32) {
        let code = number()
        if code < RecordOwner.far { return encoder.owner(code) }
        let isFar = code == RecordOwner.far
        encoder.owner(distance: isFar ? word() : UInt(code &- RecordOwner.near), isInUnits: !isFar, shift: shift)
    }

    mutating func site(_ encoder: inout OperationEncoder) {
        let number = word()
        callSite = callSite &+ (number &>> 1 ^ (0 &- (number & 1)))
        encoder.callSite(callSite, pointerWidth: Self.pointerWidth)
    }

    mutating func size() -> UInt32 {
        let low = UInt32(UInt16(littleEndian: UnsafeRawPointer(next).loadUnaligned(as: UInt16.self)))
        next += 2
        guard low == RecordFields.farSize else { return low }
        defer { next += 4 }
        return UInt32(littleEndian: UnsafeRawPointer(next).loadUnaligned(as: UInt32.self))
    }

    mutating func byte() -> UInt8 {
        defer { next += 1 }
        return next[0]
    }

    mutating func number() -> UInt32 { UInt32(truncatingIfNeeded: word()) }

    mutating func word() -> UInt {
        let (word, after) = Self.word(next)
        next = after
        return word
    }

    #if arch(arm) || arch(riscv32)
        @inline(never)
    #endif
    private static func word(_ bytes: UnsafePointer<UInt8>) -> (word: UInt, next: UnsafePointer<UInt8>) {
        var (word, shift, next): (UInt, UInt, UnsafePointer<UInt8>) = (0, 0, bytes)
        while true {
            let byte = next[0]
            next += 1
            word |= UInt(byte & 0x7F) &<< shift
            if byte < 0x80 { return (word, next) }
            shift &+= 7
        }
    }
}
