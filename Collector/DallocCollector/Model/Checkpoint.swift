// SPDX-License-Identifier: Apache-2.0
//
// A replica's table as bytes: a version, the totals, then the entries in order. The collector's own format: it can be made anew
// from the frames at any time.

internal import HeapReplica
internal import HeapWire

enum Checkpoint {
    private static let version: UInt64 = 2

    static func encode(_ replica: borrowing HeapReplica) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32 + Int(replica.known) * 16)
        let totals = replica.totals
        for value in [version, totals.allocations, totals.frees, totals.failures, totals.moves, totals.bytesMoved] {
            Varint.append(value, to: &bytes)
        }
        Varint.append(UInt64(replica.known), to: &bytes)
        var (previousOwner, previousTick): (UInt64, UInt64) = (replica.layout.baseAddress, 0)
        for index in 0..<Int(replica.known) {
            let entry = replica[index]
            Varint.append(UInt64(entry.size), to: &bytes)
            Varint.append(Varint.zigzag(Int64(bitPattern: entry.owner &- previousOwner)), to: &bytes)
            Varint.append(Varint.zigzag(Int64(bitPattern: entry.tick &- previousTick)), to: &bytes)
            Varint.append(entry.allocation, to: &bytes)
            if replica.layout.hasGaps { Varint.append(replica.gap(before: index), to: &bytes) }
            if replica.layout.hasCallSites { Varint.append(entry.callSite, to: &bytes) }
            (previousOwner, previousTick) = (entry.owner, entry.tick)
        }
        return bytes
    }

    /// Restores what ``encode(_:)`` wrote. False when the bytes can't be a table of this heap.
    static func restore(_ bytes: [UInt8], into table: ReplicaTable) -> Bool {
        bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            var reader = PayloadReader(base, count: buffer.count)
            do {
                guard try reader.varint() == version else { return false }
                let totals = HeapTotals(
                    allocations: try reader.varint(), frees: try reader.varint(), failures: try reader.varint(),
                    moves: try reader.varint(), bytesMoved: try reader.varint())
                let count = try reader.varint32(0...WireLimits.watchedTable)
                var entries: [RememberedEntry] = []
                entries.reserveCapacity(min(Int(count), buffer.count))
                let layout = table.layout
                var (owner, tick, place): (UInt64, UInt64, UInt64) = (layout.baseAddress, 0, layout.baseAddress)
                for _ in 0..<count {
                    let size = try reader.varint32()
                    owner = owner &+ UInt64(bitPattern: Varint.unzigzag(try reader.varint()))
                    tick = tick &+ UInt64(bitPattern: Varint.unzigzag(try reader.varint()))
                    let allocation = try reader.varint()
                    let gap = layout.hasGaps ? try reader.varint() : 0
                    guard layout.isWatched || gap <= UInt64(UInt32.max) else { return false }
                    place = place &+ gap
                    let callSite = layout.hasCallSites ? try reader.varint() : 0
                    entries.append(
                        RememberedEntry(
                            entry: TableEntry(
                                size: size, gap: layout.isWatched ? 0 : UInt32(truncatingIfNeeded: gap),
                                owner: layout.isWatched ? place : owner, callSite: callSite),
                            tick: tick, allocation: allocation))
                    place = place &+ UInt64(size)
                }
                try reader.finish()
                return table.restore(totals: totals, entries: entries)
            } catch {
                return false
            }
        }
    }
}
