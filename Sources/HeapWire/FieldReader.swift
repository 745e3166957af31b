// SPDX-License-Identifier: Apache-2.0
//
// Reads the fields of operations and entries: schema/wire.md, DELTA.

struct FieldReader {
    var bits: BitReader
    private let pointerWidth: UInt32
    private let shift: Int64
    private var depths = DepthCode()
    private var owners = OwnerCode()

    init(_ reader: PayloadReader, layout: HeapLayout) {
        (bits, pointerWidth, shift) = (BitReader(reader), layout.pointerWidth, Int64(layout.unitShift))
    }

    mutating func depth() throws(Malformed) -> UInt32 {
        while true {
            if try bits.bits32(1) == 1 { return try bits.bits32(2) }
            let width = depths.width
            let ones = 1 &<< width &- 1
            let number = try bits.bits32(width)
            if number < ones {
                depths.follow(number, of: ones)
                let depth = number &+ DepthCode.near
                guard depth <= WireLimits.table else { throw .valueOutOfRange }
                return depth
            }
            guard width < DepthCode.most else { throw .valueOutOfRange }
            depths.widen()
        }
    }

    /// 1 or more.
    mutating func size() throws(Malformed) -> UInt32 {
        var length = try bits.bits32(3)
        if length < 7 {
            length &+= SizeCode.short.lowerBound
        } else {
            length = try bits.bits32(2)
            length = length < 3 ? length &+ SizeCode.medium.lowerBound : try bits.bits32(5)
        }
        return 1 &<< length | (try bits.bits32(length))
    }

    mutating func gap() throws(Malformed) -> UInt32 { try bits.bits32(1) == 1 ? 0 : try size() }

    enum OwnerStart {
        /// The quotient, or ``OwnerCode/quotients``.
        case distance(UInt32)
        case latest, second, none
    }

    mutating func ownerStart() throws(Malformed) -> OwnerStart {
        let zeros = try bits.zeros(OwnerCode.most &+ 1)
        if zeros <= OwnerCode.far, zeros != UInt32(owners.distances) {
            defer { owners.useDistance() }
            return .distance(owners.quotient(zeros: zeros))
        }
        owners.useOther()
        return zeros < OwnerCode.most ? .latest : zeros == OwnerCode.most ? .second : .none
    }

    /// What follows `OwnerStart.distance`.
    mutating func owner(_ quotient: UInt32, after previous: UInt) throws(Malformed) -> UInt {
        guard quotient < OwnerCode.quotients else { return moved(previous, by: try longDistance()) }
        let number = UInt64(wide: quotient &<< DistanceCode.parameter) | (try bits.bits(DistanceCode.parameter))
        return moved(previous, by: Varint.unzigzag(number) &<< shift)
    }

    mutating func callSite(_ trail: inout CallSiteTrail) throws(Malformed) -> UInt {
        var site = trail.latest
        if try bits.bits32(1) == 1 {
            site = try bits.bits32(1) == 0 ? trail.second : moved(trail.latest, by: try longDistance())
        }
        trail.use(site)
        return site
    }

    private mutating func longDistance() throws(Malformed) -> Int64 {
        let length = try bits.bits32(DistanceCode.length)
        guard length <= 8 &* pointerWidth else { throw .valueOutOfRange }
        return Varint.unzigzag(try bits.longBits(length))
    }

    /// Addresses go around at the end of what a pointer can hold.
    private func moved(_ address: UInt, by distance: Int64) -> UInt {
        let moved = address &+ UInt(truncatingIfNeeded: distance)
        return pointerWidth == 8 ? moved : moved & 0xFFFF_FFFF
    }
}
