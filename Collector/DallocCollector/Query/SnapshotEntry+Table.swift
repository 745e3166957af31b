// SPDX-License-Identifier: Apache-2.0

internal import HeapHistory
internal import HeapReplica
internal import HeapWire

extension SnapshotEntry {
    /// The blocks of a table that is known.
    static func all(of table: ReplicaTable, _ heap: HeapRow) -> [SnapshotEntry] {
        (0..<Int(table.replica.known)).map { index in
            let entry = table.replica[index]
            return SnapshotEntry(
                index: index, offset: Int(clamping: entry.offset),
                address: Address(heap.layout.baseAddress &+ entry.offset), size: Int(entry.size),
                owner: entry.owner == 0 ? nil : Address(entry.owner),
                callSite: entry.callSite == 0 ? nil : Address(entry.callSite),
                allocation: entry.allocation == 0 ? nil : Int(clamping: entry.allocation),
                allocatedAt: entry.tick == ReplicaEntry.unknownTick ? nil : heap.clock.time(of: entry.tick),
                certain: table.replica.standing == .uncertain ? entry.isCertain : nil)
        }
    }
}
