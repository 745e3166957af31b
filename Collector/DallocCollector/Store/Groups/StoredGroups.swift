// SPDX-License-Identifier: Apache-2.0
//
// A heap's open groups as they are stored, and what it takes to go on with them.

internal import GRDB
internal import HeapWire

struct StoredGroups: Sendable {
    let layout: HeapLayout
    let ticksPerSecond: UInt32
    /// The heap's last frame that was gathered; 0: none.
    let gathered: UInt32
    private let row: (sequence: UInt32, time: Int64, state: [UInt8])?

    /// Nil when there is no such heap.
    init?(_ db: Database, heap: Int64) throws {
        let found = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT heaps.*, boots.boot, boots.build, boots.is_closed, boots.ticks_per_second, boots.anchor_tick,
                        boots.anchor_time, open_groups.sequence, open_groups.time, open_groups.state
                    FROM heaps JOIN boots ON boots.id = boot_id LEFT JOIN open_groups ON open_groups.heap_id = heaps.id
                    WHERE heaps.id = ?
                    """), arguments: [heap])
        guard let found else { return nil }
        layout = try HeapRow(db, found).layout
        ticksPerSecond = found.narrow("ticks_per_second")
        gathered = found.narrow("last_sequence")
        row = found["state"] == nil ? nil : (found.narrow("sequence"), found["time"], found.bytes("state"))
    }

    /// The period that is not over, as it is now; nil when there is none.
    var openPeriod: GroupPeriod? { row == nil ? nil : GroupPeriod(open(), isOpen: true) }

    /// Writes the last periods of a device's boots before this one: nothing comes after them.
    static func close(before boot: Int64, of device: Int64, _ db: Database) throws {
        let heaps = try Int64.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT heaps.id FROM boots JOIN heaps ON boot_id = boots.id JOIN open_groups ON heap_id = heaps.id
                    WHERE device_id = ? AND boots.id < ?
                    """), arguments: [device, boot])
        for heap in heaps {
            if let stored = try StoredGroups(db, heap: heap), case let open = stored.open(), open.time != nil {
                try GroupPeriod(open, isLast: true).write(db, heapID: heap)
            }
            try db.cachedStatement(sql: "DELETE FROM open_groups WHERE heap_id = ?").execute(arguments: [heap])
        }
    }

    /// The groups up to the last frame that was gathered; unknown ones where nothing is stored, or what is stored can't be read.
    func open() -> OpenGroups {
        let known = row.flatMap { row in
            row.sequence == gathered
                ? OpenGroups(
                    row.state, sequence: row.sequence, time: row.time, layout, ticksPerSecond: ticksPerSecond) : nil
        }
        return known ?? OpenGroups(layout, ticksPerSecond: ticksPerSecond)
    }
}
