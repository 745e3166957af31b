// SPDX-License-Identifier: Apache-2.0

/// Reads the operations of a DELTA.
public struct OperationReader {
    private var bits: BitReader
    private var owners: OwnerTrail
    private var callSites = CallSiteTrail()
    private var ticks = TickCode()
    private let traits: HeapTraits
    private let pointerWidth: UInt32
    /// When the operation that was read last happened.
    public private(set) var tick: UInt64
    private let end: UInt64

    init(_ reader: PayloadReader, tick: UInt64, end: UInt64, layout: HeapLayout) {
        (self.tick, self.end, traits, pointerWidth) = (tick, end, layout.traits, layout.pointerWidth)
        bits = BitReader(reader)
        owners = OwnerTrail(previous: UInt(truncatingIfNeeded: layout.baseAddress))
    }

    /// The next operation of a heap whose table is not known; nil at the end of the payload. Owners that were free in
    /// this frame are 0, as which they were is not known.
    public mutating func next() throws(Malformed) -> Operation? { try next { _ in 0 } }

    /// The next operation; nil at the end of the payload.
    /// - Parameter owner: the owner of the block with this depth, before the operation; 0 where it has none, or it
    ///   isn't known.
    @inline(__always)
    public mutating func next(_ owner: (_ depth: UInt32) -> UInt64) throws(Malformed) -> Operation? {
        let kind = try nextKind()
        switch kind {
        case .alloc:
            let size = try size()
            let owner = try nextOwner()
            return .alloc(size: size, owner: owner, callSite: try nextCallSite())
        case .free:
            let depth = try depth()
            owners.leave(UInt(truncatingIfNeeded: owner(depth)))
            return .free(depth: depth)
        case .resize:
            let depth = try depth()
            return .resize(depth: depth, size: try size())
        case .reown:
            let depth = try depth()
            let new = try nextOwner()
            owners.leave(UInt(truncatingIfNeeded: owner(depth)))
            return .reown(depth: depth, owner: new)
        case .failed:
            let why = try bits.bits32(2)
            guard why <= 2 else { throw .valueOutOfRange }
            let size = why == 2 ? 0 : try size()
            let owner = try nextFreeOwner()
            return .failed(size: size, why: why, owner: owner, callSite: try nextCallSite())
        case .orphan: return .orphan(depth: try depth())
        case .badPointer: return .badPointer(owner: try nextFreeOwner())
        case .reset:
            owners.clear()
            return .reset
        case .compact:
            let depth = try depth()
            return .compact(depth: depth, bytes: try size())
        case nil: return nil
        }
    }

    private enum Kind {
        case alloc, free, resize, reown, failed, orphan, badPointer, reset, compact
    }

    /// The first bits and the ticks; nil at the end.
    private mutating func nextKind() throws(Malformed) -> Kind? {
        while !bits.isAtEnd {
            let kind: Kind
            switch try bits.zeros(4) {
            case 0: kind = .alloc
            case 1: kind = .free
            case 2: kind = .resize
            case 3: kind = try bits.bits32(1) == 0 ? .reown : .failed
            default:
                switch try bits.bits32(3) {
                case 1: kind = .orphan
                case 2: kind = .badPointer
                case 3: kind = .reset
                case 4 where traits.has(.lazy): kind = .compact
                case 7:
                    try passOver()
                    continue
                default: throw .valueOutOfRange
                }
            }
            try passTicks()
            return kind
        }
        return nil
    }

    /// An operation of a later version that a reader may pass over: ticks, its number, and how many bytes of it follow.
    private mutating func passOver() throws(Malformed) {
        try passTicks()
        _ = try bits.bits32(8)
        for _ in 0..<(try bits.bits32(8)) { _ = try bits.bits32(8) }
    }

    private mutating func passTicks() throws(Malformed) {
        let quotient = try bits.zeros(TickCode.escape)
        let elapsed: UInt64
        if quotient < TickCode.escape {
            let parameter = ticks.parameter
            elapsed = UInt64(wide: quotient) &<< UInt64(wide: parameter) | (try bits.bits(parameter))
            ticks.follow(quotient)
        } else {
            let length = try bits.bits32(5)
            elapsed = 1 &<< UInt64(wide: length) | (try bits.bits(length))
            ticks.follow(length: length)
        }
        guard elapsed <= 0xFFFF_FFFF else { throw .valueOutOfRange }
        tick &+= elapsed
        guard tick <= end else { throw .valueOutOfRange }
    }

    private mutating func depth() throws(Malformed) -> UInt32 {
        let quotient = try bits.zeros(DepthCode.most &+ 1)
        guard quotient <= DepthCode.most else { throw .valueOutOfRange }
        let length = quotient &+ DepthCode.parameter
        let number = 1 &<< length | (try bits.bits32(length))
        let depth = number &- 1 &<< DepthCode.parameter
        guard depth <= WireLimits.table else { throw .valueOutOfRange }
        return depth
    }

    private mutating func size() throws(Malformed) -> UInt32 {
        var length = try bits.bits32(3)
        if length < 7 {
            length &+= SizeCode.short.lowerBound
        } else {
            length = try bits.bits32(2)
            length = length < 3 ? length &+ SizeCode.medium.lowerBound : try bits.bits32(5)
        }
        return 1 &<< length | (try bits.bits32(length))
    }

    private mutating func nextOwner() throws(Malformed) -> UInt64 {
        if try bits.bits32(1) == 1 {
            if try bits.bits32(1) == 0 {
                owners.previous = owners.latest
                owners.takeLatest()
            } else {
                guard try bits.bits32(1) == 0 else { return 0 }
                owners.previous = owners.second
                owners.takeSecond()
            }
            return UInt64(wide: Int(bitPattern: owners.previous))
        }
        let quotient = try bits.zeros(DistanceCode.escape)
        if quotient < DistanceCode.escape {
            let number = UInt64(wide: quotient &<< DistanceCode.parameter) | (try bits.bits(DistanceCode.parameter))
            let shift: Int64 = pointerWidth == 8 ? 3 : 2
            owners.previous = moved(owners.previous, by: Varint.unzigzag(number) &<< shift)
        } else {
            owners.previous = moved(owners.previous, by: try longDistance())
        }
        return UInt64(wide: Int(bitPattern: owners.previous))
    }

    /// Of a variable that holds nothing.
    private mutating func nextFreeOwner() throws(Malformed) -> UInt64 {
        let owner = try nextOwner()
        if owner != 0 { owners.leave(UInt(truncatingIfNeeded: owner)) }
        return owner
    }

    /// 0 in a heap without call sites.
    private mutating func nextCallSite() throws(Malformed) -> UInt64 {
        guard traits.has(.callSites) else { return 0 }
        var site = callSites.latest
        if try bits.bits32(1) == 1 {
            site = try bits.bits32(1) == 0 ? callSites.second : moved(callSites.latest, by: try longDistance())
        }
        callSites.use(site)
        return UInt64(wide: Int(bitPattern: site))
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
