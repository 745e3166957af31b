// `devices`: the fleet at a glance.

internal import GRDB
public import HeapHistory

extension HistoryQuery {
    /// Every device with its current boot, ordered by id. `connected` names those that have a session open.
    public func devices(connected: Set<String>) async throws -> DeviceList {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT devices.id AS device_id, devices.name AS device, devices.first_seen, devices.last_seen,
                        boots.id AS boot_row, boots.boot, boots.build, boots.link
                    FROM devices JOIN boots ON boots.id = (
                        SELECT id FROM boots WHERE device_id = devices.id ORDER BY last_seen DESC, id DESC LIMIT 1)
                    ORDER BY devices.name
                    """)
            return DeviceList(
                devices: try rows.map { row in
                    let device: String = row["device"]
                    return DeviceSummary(
                        id: device, build: row["build"], boot: row["boot"], link: row["link"],
                        connected: connected.contains(device),
                        firstSeen: Timestamp(microseconds: row["first_seen"]),
                        lastSeen: Timestamp(microseconds: row["last_seen"]),
                        heaps: try Self.heaps(db, boot: row["boot_row"]))
                })
        }
    }

    /// The heaps of a boot; of a heap that was made anew within it, the latest.
    private static func heaps(_ db: Database, boot: Int64) throws -> [HeapSummary] {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT * FROM heaps WHERE boot_id = ? ORDER BY number, last_sequence DESC, id DESC"),
            arguments: [boot])
        var heaps: [HeapSummary] = []
        for row in rows where heaps.last?.heap != row["number"] {
            heaps.append(
                HeapSummary(
                    heap: row["number"], name: row["name"],
                    baseAddress: Address(UInt64(bitPattern: row["base_address"])), size: row["size"],
                    alignment: row["alignment"], tableSize: row["table_size"], used: row["used"],
                    allocations: row["allocations"], peak: row["peak"], sequence: row["last_sequence"]))
        }
        return heaps
    }
}
