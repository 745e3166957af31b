// SPDX-License-Identifier: Apache-2.0
//
// Writes operations into a recorder. A device does this in the lock of its heap, so every instruction counts.

internal import HeapWire

struct RecordWriter {
    var owners: OwnerTrail
    /// The call site written last; 0 at the start of a frame.
    var callSite: UInt

    /// Bytes of the longest operation, a watched heap's `resize`: head, ticks, size, flag, two addresses.
    static var longest: Int { 1 + 5 + 6 + 1 + 2 * (1 + Varint.longest) }

    // Within the room that the caller gives: at most ``longest`` bytes are written. Each function returns where the next byte comes.

    /// Writes an operation, `elapsed` ticks after the one before it, at `bytes`, which must have room for ``longest``.
    /// - Parameter has: which of the fields it has.
    @inline(__always)
    mutating func write(
        _ fields: RecordFields, _ has: OperationKind.Fields, elapsed: UInt32, hasCallSites: Bool,
        to bytes: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        var end = Self.writeHead(fields.kind, elapsed: elapsed, to: bytes)
        if has.has(.depth) || has.has(.why) { end = Varint.write(fields.depth, at: end) }
        if has.has(.size) { end = Self.write(size: fields.size, to: end) }
        if has.has(.owner) {
            end = write(owner: fields.owner, to: end)
            if has.has(.leavesOwner), fields.owner != 0 { owners.leave(fields.owner) }
        }
        if has.has(.leavesBlock) { owners.leave(fields.left) }
        if hasCallSites, has.has(.callSite) {
            let distance = Int(bitPattern: fields.callSite &- callSite)
            end = Self.write(word: OperationEncoder.zigzag(distance), to: end)
            callSite = fields.callSite
        }
        if fields.kind == .reset { owners.clear() }
        return end
    }

    #if arch(arm)
        // Flash is scarcer than time there.
        @inline(never)
    #else
        @inline(__always)
    #endif
    private mutating func write(owner: UInt, to bytes: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        if owner == owners.latest, owner != 0 {
            owners.takeLatest()
            owners.previous = owner
            bytes[0] = UInt8(truncatingIfNeeded: RecordOwner.latest)
            // Within the room that the caller gives, as everywhere here.
            return bytes + 1
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
            return Varint.write(number &+ RecordOwner.near, at: bytes)
        }
        return writeRare(owner, to: bytes)
    }

    @inline(never)
    private mutating func writeRare(
        _ owner: UInt, to bytes: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        if owner == 0 {
            bytes[0] = UInt8(truncatingIfNeeded: RecordOwner.none)
            // Within the caller's room.
            return bytes + 1
        }
        let distance = Int(bitPattern: owner &- owners.previous)
        owners.previous = owner
        if owner == owners.second {
            owners.takeSecond()
            bytes[0] = UInt8(truncatingIfNeeded: RecordOwner.second)
            // Within the caller's room.
            return bytes + 1
        }
        bytes[0] = UInt8(truncatingIfNeeded: RecordOwner.far)
        return Self.write(word: OperationEncoder.zigzag(distance), to: bytes + 1)
    }

    /// Kind and ticks.
    @inline(__always)
    static func writeHead(
        _ kind: OperationKind, elapsed: UInt32, to bytes: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        let far = RecordFields.farTicks
        let ticks = elapsed < far ? elapsed : far
        bytes[0] = UInt8(truncatingIfNeeded: UInt32(kind.number) &<< 4 | ticks)
        return elapsed >= far ? Varint.write(elapsed &- far, at: bytes + 1) : bytes + 1
    }

    /// Two bytes, which most sizes fit in; six for a larger one.
    @inline(__always)
    static func write(size: UInt32, to bytes: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        let isShort = size < RecordFields.farSize
        let low = UInt16(truncatingIfNeeded: isShort ? size : RecordFields.farSize)
        UnsafeMutableRawPointer(bytes).storeBytes(of: low.littleEndian, as: UInt16.self)
        if isShort { return bytes + 2 }
        UnsafeMutableRawPointer(bytes + 2).storeBytes(of: size.littleEndian, as: UInt32.self)
        return bytes + 6
    }

    @inline(__always)
    static func write(word: UInt, to bytes: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        #if arch(arm) || arch(riscv32)
            Varint.write(UInt32(word), at: bytes)
        #else
            bytes + Varint.write(UInt64(word), to: bytes)
        #endif
    }
}
