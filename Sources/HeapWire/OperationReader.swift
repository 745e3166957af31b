// SPDX-License-Identifier: Apache-2.0

/// Reads the operations of a DELTA.
public struct OperationReader {
    private var fields: FieldReader
    private var owners: OwnerTrail
    private var callSites = CallSiteTrail()
    private var ticks = TickCode()
    private let traits: HeapTraits
    /// Of a watched heap.
    private var addresses: AddressTrail
    /// When the operation that was read last happened.
    public private(set) var tick: UInt64
    private let end: UInt64
    #if !hasFeature(Embedded)
        private let pointerWidth: UInt32
        /// Those of a summary, once they were passed: the first that can be read.
        public private(set) var sums: AllocationSums?
        /// The pins and unpins that were passed.
        public private(set) var pins: [PinChange] = []
        /// What was passed of how full the recorder got.
        public private(set) var fills: [RecorderFill] = []
        /// How many operations were read.
        private var place = 0
    #endif

    init(_ reader: PayloadReader, tick: UInt64, end: UInt64, layout: HeapLayout) {
        (self.tick, self.end, traits) = (tick, end, layout.traits)
        fields = FieldReader(reader, layout: layout)
        owners = OwnerTrail(previous: UInt(truncatingIfNeeded: layout.baseAddress))
        addresses = AddressTrail(previous: owners.previous)
        #if !hasFeature(Embedded)
            pointerWidth = layout.pointerWidth
        #endif
    }

    /// The next operation of a heap whose table is not known; nil at the end. Owners that were left in this frame are 0, as
    /// which they were is not known.
    public mutating func next() throws(Malformed) -> Operation? { try next { _ in 0 } }

    /// The next operation; nil at the end.
    /// - Parameter owner: the owner of the block with this depth, before the operation; 0 where it has none, or it
    ///   isn't known.
    @inline(__always)
    public mutating func next(_ owner: (_ depth: UInt32) -> UInt64) throws(Malformed) -> Operation? {
        guard let kind = try nextKind() else { return nil }
        if traits.has(.watched) { return try nextWatched(kind) }
        switch kind {
        case .alloc:
            let size = try fields.size()
            let owner = try nextOwner()
            return .alloc(size: size, owner: owner, callSite: try nextCallSite())
        case .free:
            let depth = try fields.depth()
            owners.leave(UInt(truncatingIfNeeded: owner(depth)))
            return .free(depth: depth)
        case .resize:
            let depth = try fields.depth()
            return .resize(depth: depth, size: try fields.size())
        case .reown:
            let depth = try fields.depth()
            let new = try nextOwner()
            owners.leave(UInt(truncatingIfNeeded: owner(depth)))
            return .reown(depth: depth, owner: new)
        case .failed:
            let (size, why) = try nextFailure()
            let owner = try nextFreeOwner()
            return .failed(size: size, why: why, owner: owner, callSite: try nextCallSite())
        case .orphan: return .orphan(depth: try fields.depth())
        case .badPointer: return .badPointer(owner: try nextFreeOwner())
        case .reset:
            owners.clear()
            return .reset
        default:
            let depth = try fields.depth()
            return .compact(depth: depth, bytes: try fields.size())
        }
    }

    private mutating func nextFailure() throws(Malformed) -> (size: UInt32, why: UInt32) {
        let why = try fields.bits.bits32(2)
        guard why <= 2 else { throw .valueOutOfRange }
        return (why == 2 ? 0 : try fields.size(), why)
    }

    /// The first bits and the ticks; nil at the end.
    private mutating func nextKind() throws(Malformed) -> OperationKind? {
        while !fields.bits.isAtEnd {
            var number = UInt8(truncatingIfNeeded: try fields.bits.zeros(4))
            if number == 3 {
                number &+= UInt8(truncatingIfNeeded: try fields.bits.bits32(1))
                guard number == OperationKind.failed.number || !traits.has(.watched) else { throw .valueOutOfRange }
            } else if number == 4 {
                number &+= UInt8(truncatingIfNeeded: try fields.bits.bits32(3))
                if number == OperationKind.skipped {
                    try passOver()
                    continue
                }
                let last: OperationKind = traits.has(.lazy) ? .compact : .reset
                let first: OperationKind = traits.has(.watched) ? .reset : .orphan
                guard number >= first.number, number <= last.number else { throw .valueOutOfRange }
            }
            try passTicks()
            #if !hasFeature(Embedded)
                place &+= 1
            #endif
            return OperationKind(number: number)
        }
        return nil
    }

    /// An operation that a reader may pass over: ticks, its number, and how many bytes of it follow.
    private mutating func passOver() throws(Malformed) {
        try passTicks()
        let number = try fields.bits.bits32(8)
        #if hasFeature(Embedded)
            _ = number
            for _ in 0..<(try fields.bits.bits32(8)) { _ = try fields.bits.bits32(8) }
        #else
            var bytes: [UInt8] = []
            for _ in 0..<(try fields.bits.bits32(8)) {
                bytes.append(UInt8(truncatingIfNeeded: try fields.bits.bits32(8)))
            }
            if number == AllocationSums.number, sums == nil {
                let hasTags = !traits.has(.watched) || traits.has(.callSites)
                sums = AllocationSums(bytes, pointerWidth: pointerWidth, hasTags: hasTags)
            }
            if !traits.has(.watched), let pin = PinChange(number: number, bytes, tick: tick, place: place) {
                pins.append(pin)
            }
            if let fill = RecorderFill(number: number, bytes, tick: tick, place: place) { fills.append(fill) }
        #endif
    }

    private mutating func passTicks() throws(Malformed) {
        let quotient = try fields.bits.zeros(TickCode.escape)
        let elapsed: UInt64
        if quotient < TickCode.escape {
            let parameter = ticks.parameter
            elapsed = UInt64(wide: quotient) &<< UInt64(wide: parameter) | (try fields.bits.bits(parameter))
            ticks.follow(quotient)
        } else {
            let length = try fields.bits.bits32(5)
            elapsed = 1 &<< UInt64(wide: length) | (try fields.bits.bits(length))
            ticks.follow(length: length)
        }
        tick &+= elapsed
        guard tick <= end else { throw .valueOutOfRange }
    }

    private mutating func nextOwner() throws(Malformed) -> UInt64 {
        switch try fields.ownerStart() {
        case .none: return 0
        case .distance(let quotient): owners.previous = try fields.owner(quotient, after: owners.previous)
        case .latest:
            owners.previous = owners.latest
            owners.takeLatest()
        case .second:
            owners.previous = owners.second
            owners.takeSecond()
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
        traits.has(.callSites) ? UInt64(wide: Int(bitPattern: try fields.callSite(&callSites))) : 0
    }
}

// MARK: - Watched heaps

extension OperationReader {
    private mutating func nextWatched(_ kind: OperationKind) throws(Malformed) -> Operation {
        switch kind {
        case .alloc:
            let size = try fields.size()
            let address = try nextAddress(.comes)
            return .allocAt(address: address, size: size, callSite: try nextCallSite())
        case .free: return .freeAt(address: try nextAddress(.goes))
        case .resize:
            let address = try readAddress(.goes)
            let size = try fields.size()
            let isMoved = try fields.bits.bits32(1) == 1
            let target = isMoved ? try nextAddress(.comes) : address
            addresses.remember(UInt(truncatingIfNeeded: address), isMoved ? .goes : .comes)
            return .resizeAt(address: address, size: size, to: target)
        case .failed:
            let (size, why) = try nextFailure()
            return .failed(size: size, why: why, callSite: try nextCallSite())
        default:
            addresses.clear()
            return .reset
        }
    }

    private mutating func nextAddress(_ direction: AddressTrail.Direction) throws(Malformed) -> UInt64 {
        let address = try readAddress(direction)
        addresses.remember(addresses.previous, direction)
        return address
    }

    private mutating func readAddress(_ direction: AddressTrail.Direction) throws(Malformed) -> UInt64 {
        switch try fields.ownerStart() {
        case .none: throw .valueOutOfRange
        case .distance(let quotient): addresses.previous = try fields.owner(quotient, after: addresses.previous)
        case .latest: addresses.takeLatest(direction)
        case .second: addresses.takeSecond(direction)
        }
        return UInt64(wide: Int(bitPattern: addresses.previous))
    }
}
