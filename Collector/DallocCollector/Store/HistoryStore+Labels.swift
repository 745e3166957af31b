// SPDX-License-Identifier: Apache-2.0
//
// What people say of devices.

internal import GRDB
internal import HeapHistory

extension HistoryStore {
    /// Sets labels of a device; one with an empty value is removed.
    /// - Throws: ``Problem`` when there is no such device, or it would have too many labels; then nothing is changed.
    func label(_ name: String, _ labels: [DeviceLabel]) async throws {
        try await pool.write { [directory] db in
            guard let device = try Int64.fetchOne(db, sql: "SELECT id FROM devices WHERE name = ?", arguments: [name])
            else {
                throw Problem(noDevice: name)
            }
            for label in labels {
                if let value = label.value, !value.isEmpty {
                    try db.execute(
                        sql: """
                            INSERT INTO labels (device_id, name, value) VALUES (?1, ?2, ?3)
                            ON CONFLICT (device_id, name) DO UPDATE SET value = ?3
                            """, arguments: [device, label.name, value])
                } else {
                    try db.execute(
                        sql: "DELETE FROM labels WHERE device_id = ? AND name = ?", arguments: [device, label.name])
                }
            }
            let all = try Self.labels(db, of: device)[device] ?? [:]
            guard all.count <= DeviceLabel.most else {
                throw Problem(
                    .badRequest, "The device \(name) would have \(all.count) labels.",
                    hint: "It may have \(DeviceLabel.most): remove some first.")
            }
            db.afterNextTransaction { _ in directory.label(device, all) }
        }
    }

    /// Those of a device, or of all, by the rows of the devices.
    static func labels(_ db: Database, of device: Int64? = nil) throws -> [Int64: [String: String]] {
        var labels: [Int64: [String: String]] = [:]
        let rows = try Row.fetchCursor(
            db, sql: "SELECT device_id, name, value FROM labels WHERE ?1 IS NULL OR device_id = ?1", arguments: [device]
        )
        while let row = try rows.next() { labels[row[0], default: [:]][row[1]] = row[2] }
        return labels
    }
}
