// SPDX-License-Identifier: Apache-2.0
//
// A heap of one boot, with what it takes to place its frames in time.

internal import GRDB
internal import HeapHistory
internal import HeapWire

struct HeapRow: Sendable {
    var id: Int64
    var number: Int
    var name: String
    var layout: HeapLayout
    var boot: UInt32
    var bootRowID: Int64
    /// The collector's clock was set, and what came after it is in another row.
    var isClosed: Bool
    var build: String
    var clock: BootClock
    var lastSequence: UInt32
    var firstTime: Timestamp?
    var lastTime: Timestamp?

    init(_ db: Database, _ row: Row) throws {
        guard
            let layout = HeapLayout(
                baseAddress: UInt64(bitPattern: row["base_address"]), size: row.narrow("size"),
                alignment: row.narrow("alignment"), tableSize: row.narrow("table_size"),
                pointerWidth: row.narrow("pointer_width"), traits: HeapTraits(rawValue: row.narrow("traits")))
        else { throw Problem(.internalError, "A heap in the database has no valid layout.", hint: "Restore a backup.") }
        id = row["id"]
        number = row["number"]
        name = row["name"]
        self.layout = layout
        boot = row.narrow("boot")
        bootRowID = row["boot_id"]
        isClosed = row["is_closed"] as Int64 != 0
        build = row["build"]
        clock = try BootClock(db, row)
        lastSequence = row.narrow("last_sequence")
        firstTime = (row["first_time"] as Int64?).map { Timestamp(microseconds: $0) }
        lastTime = (row["last_time"] as Int64?).map { Timestamp(microseconds: $0) }
    }
}
