// SPDX-License-Identifier: Apache-2.0
//
// Packs the operations of a DELTA in bits, field by field: schema/wire.md says which fields follow which.

public struct OperationEncoder {
    /// Of the frame that the operations belong to. Inside, so that nobody has to pass both.
    public var writer: FrameWriter
    /// Bits that don't fill a byte yet.
    private var pending: UInt32 = 0
    private var count: UInt32 = 0
    private var ticks = TickCode()
    private var depths = DepthCode()
    private var owners = OwnerCode()
    private var callSites = CallSiteTrail()

    /// Starts a frame's operations.
    @inline(__always)
    public init(_ writer: FrameWriter) { self.writer = writer }

    /// The first bits of an operation, `elapsed` ticks after the one before it.
    public mutating func begin(_ kind: OperationKind, elapsed: UInt32) {
        let (code, parameter) = (kind.code, ticks.parameter)
        let (head, headLength) = (UInt32(code.bits), UInt32(code.length))
        let quotient = elapsed &>> parameter
        if quotient < TickCode.escape {
            let remainder = elapsed &- quotient &<< parameter
            let bits = (remainder &<< 1 | 1) &<< quotient
            put(head | bits &<< headLength, headLength &+ quotient &+ 1 &+ parameter)
            ticks.follow(quotient)
        } else {
            let length = Self.power(elapsed)
            put(head | (length &<< TickCode.escape) &<< headLength, headLength &+ TickCode.escape &+ 5)
            put(elapsed ^ 1 &<< length, length)
            ticks.follow(length: length)
        }
    }

    /// - Parameter depth: at most ``WireLimits/table``; a program's that is higher is written as that.
    public mutating func depth(_ depth: UInt32) {
        #if !hasFeature(Embedded)
            let depth = min(depth, WireLimits.table)
        #endif
        if depth < DepthCode.near { return put(depth &<< 1 | 1, 3) }
        let number = depth &- DepthCode.near
        while true {
            let width = depths.width
            let ones = 1 &<< width &- 1
            put(min(number, ones) &<< 1, width &+ 1)
            if number < ones { return depths.follow(number, of: ones) }
            depths.widen()
        }
    }

    /// - Parameter size: 1 or more; a program's 0 is written as 1.
    #if hasFeature(Embedded)
        @inline(never)
    #endif
    public mutating func size(_ size: UInt32) {
        #if !hasFeature(Embedded)
            let size = max(size, 1)
        #endif
        let length = Self.power(size)
        let rest = size ^ 1 &<< length
        if SizeCode.short.contains(length) {
            put(length &- SizeCode.short.lowerBound | rest &<< 3, 3 &+ length)
        } else if SizeCode.medium.contains(length) {
            put(0b111 | (length &- SizeCode.medium.lowerBound) &<< 3 | rest &<< 5, 5 &+ length)
        } else {
            put(0b1_1111 | length &<< 5, 10)
            put(rest, length)
        }
    }

    /// Why an allocation failed: 0 no room, 1 table full, 2 size 0.
    public mutating func why(_ why: UInt32) { put(why, 2) }

    /// In a watched heap, whether a resize moves the block. Its new address follows then.
    public mutating func isMoved(_ isMoved: Bool) { put(isMoved ? 1 : 0, 1) }

    // MARK: Sums

    /// Begins the sums of a summary. So many bytes of ``number(_:)`` must follow: at most 255.
    public mutating func sums(bytes: UInt32) {
        begin(OperationKind(number: OperationKind.skipped), elapsed: 0)
        put(1 | bytes &<< 8, 16)
    }

    // MARK: Other skipped operations, which are begun as such

    /// A pin, 2, or an unpin, 3.
    public mutating func pin(_ number: UInt32, depth: UInt32) {
        let depth = UInt64(wide: depth)
        put(number | Self.length(of: depth) &<< 8, 16)
        self.number(depth)
    }

    /// How full the recorder got, in bytes.
    /// - Parameters:
    ///   - most: at most `size`.
    ///   - size: 1 or more.
    public mutating func recorder(most: UInt32, of size: UInt32) {
        let (most, size) = (UInt64(wide: most), UInt64(wide: size))
        put(4 | (Self.length(of: most) &+ Self.length(of: size)) &<< 8, 16)
        number(most)
        number(size)
    }

    public mutating func number(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            put(UInt32(truncatingIfNeeded: rest & 0x7F) | 0x80, 8)
            rest &>>= 7
        }
        put(UInt32(truncatingIfNeeded: rest), 8)
    }

    /// Bytes that ``number(_:)`` writes.
    public static func length(of number: UInt64) -> UInt32 {
        var (rest, length) = (number, UInt32(1))
        while rest >= 0x80 { (rest, length) = (rest &>> 7, length &+ 1) }
        return length
    }

    // MARK: Owners, and addresses in watched heaps

    public mutating func noOwner() { owner(OwnerCode.none) }
    /// The variable that was left last.
    public mutating func latestOwner() { owner(OwnerCode.latest) }
    public mutating func secondOwner() { owner(OwnerCode.second) }

    /// - Parameter form: one that is no distance.
    #if hasFeature(Embedded)
        @inline(never)
    #endif
    public mutating func owner(_ form: UInt32) {
        let zeros = form == OwnerCode.latest ? UInt32(owners.distances) : OwnerCode.most
        put((form &>> 1 ^ 1) &<< zeros, zeros &+ 1)
        owners.useOther()
    }

    /// - Parameters:
    ///   - distance: from the owner written before, zig-zag; in units where it is a number of them, else in bytes.
    ///   - isInUnits: which of the two.
    ///   - shift: a unit's bytes, as a power of two: of a pointer, or of a watched heap's alignment.
    #if hasFeature(Embedded)
        @inline(never)
    #endif
    public mutating func owner(
        distance: UInt, isInUnits: Bool, shift: UInt32
    ) {
        if isInUnits, distance < DistanceCode.end {
            let number = UInt32(truncatingIfNeeded: distance)
            let zeros = owners.zeros(quotient: number &>> DistanceCode.parameter)
            put(((number & 63) &<< 1 | 1) &<< zeros, zeros &+ 1 &+ DistanceCode.parameter)
        } else {
            put(1 &<< OwnerCode.far, OwnerCode.far &+ 1)
            // Zig-zag of the product: that of a negative number is one less than twice its amount.
            let odd = distance & 1
            self.distance(isInUnits ? (distance &+ odd) &<< UInt(truncatingIfNeeded: shift) &- odd : distance)
        }
        owners.useDistance()
    }

    /// - Parameter previous: the owner written before.
    public mutating func owner(
        _ owner: UInt, after previous: UInt, pointerWidth: UInt32, shift: UInt32
    ) {
        let distance = Self.distance(from: previous, to: owner, pointerWidth)
        let units = distance &>> Int(truncatingIfNeeded: shift)
        let isInUnits = units &<< Int(truncatingIfNeeded: shift) == distance
        self.owner(distance: Self.zigzag(isInUnits ? units : distance), isInUnits: isInUnits, shift: shift)
    }

    public mutating func gap(_ gap: UInt32) {
        put(gap == 0 ? 1 : 0, 1)
        if gap > 0 { size(gap) }
    }

    #if hasFeature(Embedded)
        @inline(never)
    #endif
    private mutating func distance(_ number: UInt) {
        let low = UInt32(truncatingIfNeeded: number)
        #if arch(arm) || arch(riscv32)
            let length = number == 0 ? 0 : Self.power(low) &+ 1
            put(length, DistanceCode.length)
            put(low, length)
        #else
            let length = UInt32(truncatingIfNeeded: UInt.bitWidth &- number.leadingZeroBitCount)
            put(length, DistanceCode.length)
            put(low, min(length, 32))
            if length > 32 { put(UInt32(truncatingIfNeeded: number &>> 32), length &- 32) }
        #endif
    }

    // MARK: Call sites

    /// - Parameter pointerWidth: addresses go around at the end of what a pointer can hold.
    public mutating func callSite(_ site: UInt, pointerWidth: UInt32) {
        if site == callSites.latest {
            put(0, 1)
        } else if site == callSites.second {
            put(0b01, 2)
        } else {
            put(0b11, 2)
            distance(Self.zigzag(Self.distance(from: callSites.latest, to: site, pointerWidth)))
        }
        callSites.use(site)
    }

    /// The shortest way around all addresses that a pointer can have.
    @inline(__always)
    public static func distance(from: UInt, to: UInt, _ pointerWidth: UInt32) -> Int {
        #if !hasFeature(Embedded)
            if pointerWidth == 4 { return Int(Int32(truncatingIfNeeded: to &- from)) }
        #endif
        return Int(bitPattern: to &- from)
    }

    @inline(__always)
    public static func zigzag(_ distance: Int) -> UInt {
        UInt(bitPattern: distance &<< 1 ^ distance &>> (Int.bitWidth &- 1))
    }

    // MARK: Bits

    /// Fills the last byte with zeros, which are no operation.
    public mutating func end() {
        if count > 0 { put(0, 8 &- count) }
    }

    /// Up to 32 bits. Those above are zeros.
    #if hasFeature(Embedded)
        @inline(never)
    #endif
    private mutating func put(_ bits: UInt32, _ count: UInt32) {
        var (rest, left) = (bits, self.count &+ count)
        pending |= rest &<< self.count
        // Bits that fill the first byte, and then each whole one.
        var taken = 8 &- self.count
        while left >= 8 {
            writer.byte(UInt8(truncatingIfNeeded: pending))
            rest &>>= taken
            pending = rest
            taken = 8
            left &-= 8
        }
        self.count = left
    }

    /// The largest power of two in it; 0 for 0. Without a count of leading zeros, which some devices don't have.
    #if hasFeature(Embedded)
        @inline(never)
    #endif
    private static func power(_ number: UInt32) -> UInt32 {
        var power: UInt32 = 0
        while number &>> power > 1 { power &+= 1 }
        return power
    }
}
