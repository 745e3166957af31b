// SPDX-License-Identifier: Apache-2.0
//
// How much devices are to tell.

internal import GRDB
internal import HeapHistory

extension HistoryStore {
    /// - Parameter detail: nil when nothing is to be said to the device.
    /// - Throws: ``Problem`` when there is no such device.
    func want(_ detail: DeviceDetail.Level?, of name: String) async throws {
        try await pool.write { [directory] db in
            let device = try Int64.fetchOne(
                db, sql: "UPDATE devices SET detail = ?1 WHERE name = ?2 RETURNING id",
                arguments: [detail?.rawValue, name])
            guard let device else { throw Problem(noDevice: name) }
            db.afterNextTransaction { _ in directory.want(detail, of: device) }
        }
    }

    /// By the rows of the devices.
    static func details(_ db: Database) throws -> [Int64: DeviceDetail.Level] {
        var details: [Int64: DeviceDetail.Level] = [:]
        let rows = try Row.fetchCursor(db, sql: "SELECT id, detail FROM devices WHERE detail IS NOT NULL")
        while let row = try rows.next() { details[row[0]] = DeviceDetail.Level(rawValue: row[1]) }
        return details
    }
}
