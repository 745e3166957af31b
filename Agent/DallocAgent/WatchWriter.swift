// SPDX-License-Identifier: Apache-2.0
//
// Writes operations of a watched heap into its recorder.

internal import CDallocAgent
internal import HeapWire

typealias WatchPointer = UnsafeMutablePointer<dalloc_watch_t>

struct WatchWriter {
    private let watch: WatchPointer
    /// Where the next byte comes. The recorder has room for ``RecordWriter/longest`` bytes, and no operation is longer.
    private(set) var next: UnsafeMutablePointer<UInt8>
    private var trail: AddressTrail

    init(_ watch: WatchPointer, at next: UnsafeMutablePointer<UInt8>) {
        (self.watch, self.next) = (watch, next)
        let written = watch.pointee.recorder.writer
        trail = AddressTrail(previous: UInt(written.owner))
        (trail.freed, trail.freedBefore) = (UInt(written.left.0), UInt(written.left.1))
        (trail.allocated, trail.allocatedBefore) = (UInt(watch.pointee.allocated.0), UInt(watch.pointee.allocated.1))
    }

    /// Keeps what the next operation is written relative to.
    func finish() {
        watch.pointee.recorder.writer.owner = trail.previous
        watch.pointee.recorder.writer.left = (trail.freed, trail.freedBefore)
        watch.pointee.allocated = (trail.allocated, trail.allocatedBefore)
    }

    mutating func head(_ kind: OperationKind, elapsed: UInt32) {
        next = RecordWriter.writeHead(kind, elapsed: elapsed, to: next)
        if kind == .reset { trail.clear() }
    }

    mutating func size(_ size: UInt32) { next = RecordWriter.write(size: size, to: next) }

    mutating func why(_ why: UInt32) { next = Varint.write(why, at: next) }

    mutating func flag(_ flag: Bool) {
        next[0] = flag ? 1 : 0
        next += 1
    }

    mutating func remember(_ address: UInt, _ direction: AddressTrail.Direction) { trail.remember(address, direction) }

    @inline(never)
    mutating func address(_ address: UInt, _ direction: AddressTrail.Direction) {
        if address == trail.latest(direction), address != 0 {
            trail.takeLatest(direction)
            next = Varint.write(RecordOwner.latest, at: next)
        } else if address == trail.second(direction), address != 0 {
            trail.takeSecond(direction)
            next = Varint.write(RecordOwner.second, at: next)
        } else {
            let distance = Int(bitPattern: address &- trail.previous)
            let shift = Int(watch.pointee.shift)
            let units = distance &>> shift
            trail.previous = address
            if units &<< shift == distance, units > -0x2000_0000, units < 0x2000_0000 {
                // 30 bits, the sign included, and 4.
                let number = UInt32(truncatingIfNeeded: OperationEncoder.zigzag(units))
                next = Varint.write(number &+ RecordOwner.near, at: next)
            } else {
                next = Varint.write(RecordOwner.far, at: next)
                next = RecordWriter.write(word: OperationEncoder.zigzag(distance), to: next)
            }
        }
    }

    mutating func callSite(_ site: UInt) {
        guard watch.pointee.config.call_sites else { return }
        let distance = Int(bitPattern: site &- UInt(watch.pointee.recorder.writer.call_site))
        next = RecordWriter.write(word: OperationEncoder.zigzag(distance), to: next)
        watch.pointee.recorder.writer.call_site = site
    }
}
