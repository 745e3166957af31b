// SPDX-License-Identifier: Apache-2.0
//
// Reads what a recorder holds, and packs it into a frame. It needs no lock: a recorder only adds to what it holds, until
// this has told it that it is read.

internal import HeapWire

struct RecordReader {
    private var next: UnsafePointer<UInt8>
    /// The call site of the operation that was read last; 0 at the start of a frame.
    private(set) var callSite: UInt

    init(_ bytes: UnsafePointer<UInt8>, callSite: UInt) { (next, self.callSite) = (bytes, callSite) }

    private static var pointerWidth: UInt32 { UInt32(truncatingIfNeeded: MemoryLayout<UInt>.size) }

    /// Packs the next operation. Returns where the one after it begins.
    mutating func pass(
        to encoder: inout OperationEncoder, _ writer: inout FrameWriter, hasCallSites: Bool
    ) -> UnsafePointer<UInt8> {
        let head = byte()
        var elapsed = UInt32(head &>> 4 & 3)
        if elapsed == RecordCode.farTicks { elapsed &+= number() }
        var low = UInt32(head & 15)
        func begin(_ code: OperationCode) { encoder.begin(code, elapsed: elapsed, to: &writer) }
        switch head & 0xC0 {
        case RecordCode.alloc.rawValue:
            begin(.alloc)
            encoder.size(number() &<< 4 | low, to: &writer)
            owner(&encoder, &writer)
            if hasCallSites { site(&encoder, &writer) }
        case 0xC0: rare(head & 0xCF, elapsed, &encoder, &writer, hasCallSites)
        default:
            let isFree = head & 0xC0 == RecordCode.free.rawValue
            begin(isFree ? .free : .resize)
            if low == RecordCode.farDepth { low &+= number() }
            encoder.depth(low, to: &writer)
            if !isFree { encoder.size(number(), to: &writer) }
        }
        return next
    }

    private mutating func rare(
        _ code: UInt8, _ elapsed: UInt32, _ encoder: inout OperationEncoder, _ writer: inout FrameWriter,
        _ hasCallSites: Bool
    ) {
        switch code {
        case RecordCode.reown.rawValue:
            encoder.begin(.reown, elapsed: elapsed, to: &writer)
            encoder.depth(number(), to: &writer)
            owner(&encoder, &writer)
        case RecordCode.orphan.rawValue:
            encoder.begin(.orphan, elapsed: elapsed, to: &writer)
            encoder.depth(number(), to: &writer)
        case RecordCode.failed.rawValue:
            encoder.begin(.failed, elapsed: elapsed, to: &writer)
            let size = number()
            let why = number()
            encoder.why(why, to: &writer)
            if why != 2 { encoder.size(size, to: &writer) }
            owner(&encoder, &writer)
            if hasCallSites { site(&encoder, &writer) }
        case RecordCode.badPointer.rawValue:
            encoder.begin(.badPointer, elapsed: elapsed, to: &writer)
            owner(&encoder, &writer)
        case RecordCode.reset.rawValue: encoder.begin(.reset, elapsed: elapsed, to: &writer)
        default:
            encoder.begin(.compact, elapsed: elapsed, to: &writer)
            encoder.depth(number(), to: &writer)
            encoder.size(number(), to: &writer)
        }
    }

    private mutating func owner(_ encoder: inout OperationEncoder, _ writer: inout FrameWriter) {
        let code = number()
        switch code {
        case RecordOwner.none: encoder.noOwner(to: &writer)
        case RecordOwner.latest: encoder.latestOwner(to: &writer)
        case RecordOwner.second: encoder.secondOwner(to: &writer)
        default:
            let isFar = code == RecordOwner.far
            encoder.owner(
                distance: isFar ? word() : UInt(code &- RecordOwner.near), isInPointers: !isFar,
                pointerWidth: Self.pointerWidth, to: &writer)
        }
    }

    private mutating func site(_ encoder: inout OperationEncoder, _ writer: inout FrameWriter) {
        let number = word()
        callSite = callSite &+ (number &>> 1 ^ (0 &- (number & 1)))
        encoder.callSite(callSite, pointerWidth: Self.pointerWidth, to: &writer)
    }

    private mutating func byte() -> UInt8 {
        defer { next += 1 }
        return next[0]
    }

    private mutating func number() -> UInt32 { UInt32(truncatingIfNeeded: word()) }

    #if arch(arm) || arch(riscv32)
        @inline(never)
    #endif
    private mutating func word() -> UInt {
        var (word, shift): (UInt, UInt) = (0, 0)
        while true {
            let byte = byte()
            word |= UInt(byte & 0x7F) &<< shift
            if byte < 0x80 { return word }
            shift &+= 7
        }
    }
}
