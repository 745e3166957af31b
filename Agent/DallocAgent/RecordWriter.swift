// SPDX-License-Identifier: Apache-2.0
//
// Writes operations into a recorder. A device does this in the lock of its heap, so every instruction counts.

internal import HeapWire

struct RecordWriter {
    var owners: OwnerTrail
    /// The call site written last; 0 at the start of a frame.
    var callSite: UInt

    /// Bytes of the longest operation, a `failed`: head, ticks, size, why, owner, call site.
    static var longest: Int { 1 + 5 + 1 + 6 + 1 + Varint.longest + Varint.longest }

    /// Writes an operation, `elapsed` ticks after the one before it, at `bytes`, which must have room for ``longest``.
    /// Returns the bytes that it took.
    /// - Parameter has: which of the fields it has.
    @inline(__always)
    mutating func write(
        _ fields: RecordFields, _ has: OperationKind.Fields, elapsed: UInt32, hasCallSites: Bool,
        to bytes: UnsafeMutablePointer<UInt8>
    ) -> Int {
        let far = RecordFields.farTicks
        let ticks = elapsed < far ? elapsed : far
        bytes[0] = UInt8(truncatingIfNeeded: UInt32(fields.kind.number) &<< 4 | ticks)
        // Within the room that the caller gives: at most ``longest`` bytes are written.
        var end = bytes + 1
        if elapsed >= far { end += Varint.write(elapsed &- far, to: end) }
        if has.has(.depth) || has.has(.why) { end += Varint.write(fields.depth, to: end) }
        if has.has(.size) { end += Self.write(size: fields.size, to: end) }
        if has.has(.owner) {
            end += write(owner: fields.owner, to: end)
            if has.has(.leavesOwner), fields.owner != 0 { owners.leave(fields.owner) }
        }
        if has.has(.leavesBlock) { owners.leave(fields.left) }
        if hasCallSites, has.has(.callSite) {
            let distance = Int(bitPattern: fields.callSite &- callSite)
            end += Self.write(word: OperationEncoder.zigzag(distance), to: end)
            callSite = fields.callSite
        }
        if fields.kind == .reset { owners.clear() }
        return end - bytes
    }

    #if arch(arm)
        // Flash is scarcer than time there.
        @inline(never)
    #else
        @inline(__always)
    #endif
    private mutating func write(owner: UInt, to bytes: UnsafeMutablePointer<UInt8>) -> Int {
        if owner == owners.latest, owner != 0 {
            owners.takeLatest()
            owners.previous = owner
            bytes[0] = UInt8(truncatingIfNeeded: RecordOwner.latest)
            return 1
        }
        let distance = Int(bitPattern: owner &- owners.previous)
        let shift = MemoryLayout<UInt>.size == 8 ? 3 : 2
        let pointers = distance &>> shift
        if owner != owners.second, owner != 0, pointers &<< shift == distance, pointers > -0x2000_0000,
            pointers < 0x2000_0000
        {
            owners.previous = owner
            // 30 bits, the sign included, and 4.
            let number = UInt32(truncatingIfNeeded: OperationEncoder.zigzag(pointers))
            return Varint.write(number &+ RecordOwner.near, to: bytes)
        }
        return writeRare(owner, distance, to: bytes)
    }

    @inline(never)
    private mutating func writeRare(_ owner: UInt, _ distance: Int, to bytes: UnsafeMutablePointer<UInt8>) -> Int {
        if owner == 0 {
            bytes[0] = UInt8(truncatingIfNeeded: RecordOwner.none)
            return 1
        }
        owners.previous = owner
        if owner == owners.second {
            owners.takeSecond()
            bytes[0] = UInt8(truncatingIfNeeded: RecordOwner.second)
            return 1
        }
        bytes[0] = UInt8(truncatingIfNeeded: RecordOwner.far)
        return 1 &+ Self.write(word: OperationEncoder.zigzag(distance), to: bytes + 1)
    }

    /// Two bytes, which most sizes fit in; six for a larger one.
    @inline(__always)
    private static func write(size: UInt32, to bytes: UnsafeMutablePointer<UInt8>) -> Int {
        let isShort = size < RecordFields.farSize
        let low = UInt16(truncatingIfNeeded: isShort ? size : RecordFields.farSize)
        UnsafeMutableRawPointer(bytes).storeBytes(of: low.littleEndian, as: UInt16.self)
        if isShort { return 2 }
        UnsafeMutableRawPointer(bytes + 2).storeBytes(of: size.littleEndian, as: UInt32.self)
        return 6
    }

    @inline(__always)
    private static func write(word: UInt, to bytes: UnsafeMutablePointer<UInt8>) -> Int {
        #if arch(arm) || arch(riscv32)
            Varint.write(UInt32(word), to: bytes)
        #else
            Varint.write(UInt64(word), to: bytes)
        #endif
    }
}
