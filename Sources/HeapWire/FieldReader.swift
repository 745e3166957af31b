// SPDX-License-Identifier: Apache-2.0
//
// Reads the fields of operations and entries: schema/wire.md, DELTA.

struct FieldReader {
    var bits: BitReader
    private let pointerWidth: UInt32
    private let shift: Int64

    init(_ reader: PayloadReader, layout: HeapLayout) {
        (bits, pointerWidth, shift) = (BitReader(reader), layout.pointerWidth, Int64(layout.unitShift))
    }

    mutating func depth() throws(Malformed) -> UInt32 {
        let quotient = try bits.zeros(DepthCode.most &+ 1)
        guard quotient <= DepthCode.most else { throw .valueOutOfRange }
        let length = quotient &+ DepthCode.parameter
        let number = 1 &<< length | (try bits.bits32(length))
        let depth = number &- 1 &<< DepthCode.parameter
        guard depth <= WireLimits.table else { throw .valueOutOfRange }
        return depth
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
        case distance, latest, second, none
    }

    mutating func ownerStart() throws(Malformed) -> OwnerStart {
        if try bits.bits32(1) == 0 { return .distance }
        if try bits.bits32(1) == 0 { return .latest }
        return try bits.bits32(1) == 0 ? .second : .none
    }

    /// What follows `OwnerStart.distance`.
    mutating func owner(after previous: UInt) throws(Malformed) -> UInt {
        let quotient = try bits.zeros(DistanceCode.escape)
        guard quotient < DistanceCode.escape else { return moved(previous, by: try longDistance()) }
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
