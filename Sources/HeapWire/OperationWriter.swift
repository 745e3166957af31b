// SPDX-License-Identifier: Apache-2.0
//
// Writes the operations of a DELTA. A device does this in the lock of its heap: the usual operations whose fields are
// short go together into one word or two, all others field by field.

/// What the next operation of a frame is written relative to, and where. A device keeps it between two operations: its
/// layout is that of `dalloc_operations_t`.
public struct OperationWriter {
    private let bytes: UnsafeMutablePointer<UInt8>
    var owners: OwnerTrail
    var callSites: CallSiteTrail
    /// Bits that were written.
    public private(set) var count: UInt32
    var ticks: TickCode

    /// Starts a frame.
    /// - Parameter bytes: where the first operation is. There must be room for ``Operation/longest`` bytes more than are
    ///   used, and ``slack`` after them.
    @inline(__always)
    public init(_ bytes: UnsafeMutablePointer<UInt8>, baseAddress: UInt) {
        (self.bytes, count, ticks) = (bytes, 0, TickCode())
        (owners, callSites) = (OwnerTrail(previous: baseAddress), CallSiteTrail())
        bytes[0] = 0
    }

    /// Bytes after the last one that a write may set to 0.
    public static var slack: Int { MemoryLayout<UInt>.size }

    /// Goes on after the operations of another writer, at other bytes.
    public init(_ bytes: UnsafeMutablePointer<UInt8>, after other: OperationWriter) {
        (self.bytes, count, ticks) = (bytes, other.count, other.ticks)
        (owners, callSites) = (other.owners, other.callSites)
    }

    /// What they take. Zeros fill the last byte, and are no operation.
    @inline(__always)
    public var byteCount: Int { Int(truncatingIfNeeded: (count &+ 7) &>> 3) }

    // MARK: Usual operations

    @inline(__always)
    public mutating func free(depth: UInt32, left: UInt, elapsed: UInt32, pointerWidth: UInt32) {
        let (head, quotient) = head(.free, elapsed)
        let depthCode = Self.code(depth: depth)
        guard head.count > 0, depthCode.count > 0 else {
            return write(
                .free(depth: depth, left: left), elapsed: elapsed, pointerWidth: pointerWidth, hasCallSites: false)
        }
        put(head, depthCode)
        ticks.follow(quotient)
        owners.leave(left)
    }

    @inline(__always)
    public mutating func alloc(
        size: UInt32, owner: UInt, callSite: UInt, elapsed: UInt32, pointerWidth: UInt32, hasCallSites: Bool
    ) {
        let (head, quotient) = head(.alloc, elapsed)
        let sizeCode = Self.code(size: size)
        let place = owners.place(of: owner)
        let ownerCode = place < 4 ? Self.code(place: place) : code(owner: owner, pointerWidth)
        guard head.count > 0, sizeCode.count > 0, ownerCode.count > 0, !hasCallSites else {
            return write(
                .alloc(size: size, owner: owner, callSite: callSite), elapsed: elapsed, pointerWidth: pointerWidth,
                hasCallSites: hasCallSites)
        }
        put(head, sizeCode.then(ownerCode))
        ticks.follow(quotient)
        if place < 4 { owners.take(place) }
        owners.previous = owner
    }

    @inline(__always)
    public mutating func resize(depth: UInt32, size: UInt32, elapsed: UInt32, pointerWidth: UInt32) {
        let (head, quotient) = head(.resize, elapsed)
        let (depthCode, sizeCode) = (Self.code(depth: depth), Self.code(size: size))
        guard head.count > 0, depthCode.count > 0, sizeCode.count > 0 else {
            return write(
                .resize(depth: depth, size: size), elapsed: elapsed, pointerWidth: pointerWidth, hasCallSites: false)
        }
        put(head, depthCode)
        put(sizeCode)
        ticks.follow(quotient)
    }

    // MARK: Any operation

    #if arch(arm) || arch(riscv32)
        @inline(__always)
    #else
        @inline(never)
    #endif
    public mutating func write(
        _ fields: OperationFields, elapsed: UInt32, pointerWidth: UInt32, hasCallSites: Bool
    ) {
        put(UInt32(fields.code.bits), UInt32(fields.code.count))
        put(elapsed: elapsed)
        let presence = fields.presence
        if presence.has(.depth) { put(depth: fields.depth) }
        if presence.has(.why) { put(fields.depth, 2) }
        if presence.has(.size) || presence.has(.why) && fields.depth != 2 { put(size: fields.size) }
        if presence.has(.owner) {
            put(owner: fields.owner, pointerWidth)
            if presence.has(.leavesOwner), fields.owner != 0 { owners.leave(fields.owner) }
        }
        if presence.has(.leavesOther) { owners.leave(fields.left) }
        if hasCallSites, presence.has(.callSite) { put(callSite: fields.callSite, pointerWidth) }
        if fields.code.bits == OperationCode.reset.bits { owners.recent = (0, 0, 0, 0) }
    }

    private mutating func put(elapsed: UInt32) {
        let parameter = ticks.parameter
        let quotient = elapsed &>> parameter
        if quotient < TickCode.escape {
            put(1 &<< quotient, quotient &+ 1)
            putLong(elapsed & ((1 &<< parameter) &- 1), parameter)
            ticks.follow(quotient)
        } else {
            let length = Self.power(elapsed)
            put(length &<< TickCode.escape, TickCode.escape &+ 5)
            putLong(elapsed ^ 1 &<< length, length)
            ticks.follow(length: length)
        }
    }

    private mutating func put(depth: UInt32) {
        let number = depth &+ 1 &<< DepthCode.parameter
        let length = Self.power(number)
        let quotient = length &- DepthCode.parameter
        put(1 &<< quotient, quotient &+ 1)
        put(number ^ 1 &<< length, length)
    }

    private mutating func put(size: UInt32) {
        let length = Self.power(size)
        if SizeCode.short.contains(length) {
            put(length &- SizeCode.short.lowerBound, 3)
        } else if SizeCode.medium.contains(length) {
            put(0b111 | (length &- SizeCode.medium.lowerBound) &<< 3, 5)
        } else {
            put(0b1_1111 | length &<< 5, 10)
        }
        putLong(size ^ 1 &<< length, length)
    }

    private mutating func put(owner: UInt, _ pointerWidth: UInt32) {
        if owner == 0 { return put(0b1111, 4) }
        let place = owners.place(of: owner)
        if place < 4 {
            put(Self.code(place: place))
            owners.take(place)
        } else {
            let code = code(owner: owner, pointerWidth)
            put(code)
            if code.count == 0 {
                put(0, 1 &+ DistanceCode.escape)
                put(distance: Self.distance(from: owners.previous, to: owner, pointerWidth))
            }
        }
        owners.previous = owner
    }

    private mutating func put(callSite: UInt, _ pointerWidth: UInt32) {
        let place = callSites.place(of: callSite)
        if place == 0 {
            put(0, 1)
        } else if place < 4 {
            put(1 | (place &- 1) &<< 1, 3)
        } else {
            put(0b111, 3)
            put(distance: Self.distance(from: callSites.recent.0, to: callSite, pointerWidth))
        }
        callSites.use(place, callSite)
    }

    #if arch(arm) || arch(riscv32)
        @inline(never)
    #endif
    private mutating func put(distance: Int) {
        let number = UInt(bitPattern: distance &<< 1 ^ distance &>> (Int.bitWidth &- 1))
        let length = UInt32(truncatingIfNeeded: UInt.bitWidth &- number.leadingZeroBitCount)
        put(length, DistanceCode.length)
        let low = min(length, 32)
        putLong(UInt32(truncatingIfNeeded: number), low)
        #if !arch(arm) && !arch(riscv32)
            if length > 32 { putLong(UInt32(truncatingIfNeeded: (number &>> 16) &>> 16), length &- 32) }
        #endif
    }

    // MARK: Codes

    /// The first bits of an operation and its ticks, 24 bits at most; none when they take more. And the quotient.
    @inline(__always)
    private func head(_ code: OperationCode, _ elapsed: UInt32) -> (BitCode, UInt32) {
        let parameter = ticks.parameter
        let quotient = elapsed &>> parameter
        // Together at most 3 + 6 + 15 bits.
        guard quotient < TickCode.escape, parameter < 16 else { return (.none, 0) }
        let rest = elapsed & ((1 &<< parameter) &- 1)
        let count = UInt32(code.count)
        let bits = UInt32(code.bits) | ((rest &<< 1 | 1) &<< quotient) &<< count
        return (BitCode(bits, count &+ 1 &+ quotient &+ parameter), quotient)
    }

    /// At most 24 bits.
    @inline(__always)
    private static func code(depth: UInt32) -> BitCode {
        let number = depth &+ 1 &<< DepthCode.parameter
        let length = power(number)
        let quotient = length &- DepthCode.parameter
        guard length <= 12 else { return .none }
        // (number − 2^length) · 2 + 1
        return BitCode((number &<< 1 &+ 1 &- 2 &<< length) &<< quotient, quotient &+ 1 &+ length)
    }

    /// At most 12 bits.
    @inline(__always)
    private static func code(size: UInt32) -> BitCode {
        let length = power(size)
        let power = length &- SizeCode.short.lowerBound
        guard power <= SizeCode.short.upperBound &- SizeCode.short.lowerBound else { return .none }
        return BitCode(power | (size ^ 1 &<< length) &<< 3, length &+ 3)
    }

    /// Of a recent owner.
    @inline(__always)
    private static func code(place: UInt32) -> BitCode {
        place == 0 ? BitCode(UInt32(0b01), 2) : BitCode(0b11 | (place &- 1) &<< 2, 4)
    }

    /// Of an owner that is close to the one before, at most 11 bits.
    @inline(__always)
    private func code(owner: UInt, _ pointerWidth: UInt32) -> BitCode {
        let distance = Self.distance(from: owners.previous, to: owner, pointerWidth)
        let shift = pointerWidth == 8 ? 3 : 2
        let pointers = distance &>> shift
        guard pointers &<< shift == distance, pointers >= -128, pointers < 128, owner != 0 else { return .none }
        let number = UInt32(truncatingIfNeeded: pointers &<< 1 ^ pointers &>> (Int.bitWidth &- 1)) & 255
        let quotient = number &>> DistanceCode.parameter
        return BitCode(((number & 63) &<< 2 | 2) &<< quotient, quotient &+ 8)
    }

    /// The shortest way around all addresses that a pointer can have.
    @inline(__always)
    private static func distance(from: UInt, to: UInt, _ pointerWidth: UInt32) -> Int {
        #if !hasFeature(Embedded)
            if pointerWidth == 4 { return Int(Int32(truncatingIfNeeded: to &- from)) }
        #endif
        return Int(bitPattern: to &- from)
    }

    /// The largest power of two in it; 0 for 0.
    @inline(__always)
    private static func power(_ number: UInt32) -> UInt32 {
        31 &- UInt32(truncatingIfNeeded: (number | 1).leadingZeroBitCount)
    }

    // MARK: Bits

    @inline(__always)
    private mutating func put(_ first: BitCode, _ second: BitCode) {
        #if arch(arm) || arch(riscv32)
            put(first)
            put(second)
        #else
            put(first.then(second))
        #endif
    }

    #if arch(arm) || arch(riscv32)
        @inline(never)
    #else
        @inline(__always)
    #endif
    private mutating func put(_ code: BitCode) {
        assert(code.count <= BitCode.most, "the bits fit")
        let place = bytes + Int(truncatingIfNeeded: count &>> 3)
        let word = UInt(place[0]) | code.bits &<< UInt(truncatingIfNeeded: count & 7)
        UnsafeMutableRawPointer(place).storeBytes(of: word.littleEndian, as: UInt.self)
        count &+= code.count
    }

    @inline(__always)
    private mutating func put(_ bits: UInt32, _ count: UInt32) { put(BitCode(bits, count)) }

    /// Up to 32 bits.
    #if arch(arm) || arch(riscv32)
        @inline(never)
    #endif
    private mutating func putLong(_ bits: UInt32, _ count: UInt32) {
        let low = min(count, 16)
        put(bits & 0xFFFF & ((1 &<< low) &- 1), low)
        put(bits &>> low, count &- low)
    }
}
