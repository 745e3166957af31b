// SPDX-License-Identifier: Apache-2.0
//
// A replica together with the memory of its table, which grows with what the device really has in its heap: a
// hostile HELLO that announces a large table costs nothing.

internal import HeapReplica
internal import HeapWire

final class ReplicaTable {
    var replica: HeapReplica
    private var memory: UnsafeMutablePointer<ReplicaEntry>
    private var capacity: Int

    /// - Parameter keepsDoubt: as in ``HeapReplica/init(layout:entries:capacity:keepsDoubt:)``.
    init(layout: HeapLayout, keepsDoubt: Bool = true) {
        capacity = 16
        memory = .allocate(capacity: capacity)
        memory.initialize(repeating: ReplicaEntry(size: 0, offset: 0, owner: 0), count: capacity)
        replica = HeapReplica(layout: layout, entries: memory, capacity: capacity, keepsDoubt: keepsDoubt)
    }

    deinit { memory.deallocate() }

    var layout: HeapLayout { replica.layout }

    /// Replays a whole payload and checks the result.
    func apply(_ payload: [UInt8]) throws(Malformed) -> HeapReplica.Verdict {
        try payload.withUnsafeBufferPointer { (bytes) throws(Malformed) in
            guard let base = bytes.baseAddress else { throw .truncatedField }
            return try apply(StateFrame(payload: base, count: bytes.count), payload: bytes.count)
        }
    }

    /// Replays a frame whose payload has `payload` bytes.
    func apply(_ frame: StateFrame, payload: Int) throws(Malformed) -> HeapReplica.Verdict {
        reserve(replica.capacityNeeded(payload: payload))
        return try replica.apply(frame)
    }

    func restore(totals: HeapTotals, entries: [RememberedEntry]) -> Bool {
        reserve(min(entries.count, Int(layout.tableSize)))
        return entries.withUnsafeBufferPointer { replica.restore(totals: totals, table: $0) }
    }

    /// Does one operation outside a frame. An impossible operation makes the table unknown.
    func perform(_ operation: Operation, at tick: UInt64) {
        reserve(min(Int(layout.tableSize), Int(replica.known) + 1))
        if !replica.perform(operation, at: tick) { replica.forget() }
    }

    private func reserve(_ needed: Int) {
        guard needed > capacity else { return }
        let larger = max(needed, capacity * 2)
        let new = UnsafeMutablePointer<ReplicaEntry>.allocate(capacity: larger)
        new.initialize(repeating: ReplicaEntry(size: 0, offset: 0, owner: 0), count: larger)
        replica.moveTable(to: new, capacity: larger)
        memory.deallocate()
        (memory, capacity) = (new, larger)
    }
}
