// SPDX-License-Identifier: Apache-2.0
//
// What devices have proved themselves by.

internal import GRDB

extension HistoryStore {
    func proof(of device: String) -> DeviceProof? { directory.proof(of: device) }

    /// Returns when it is on disk.
    func note(_ proof: DeviceProof, of name: String) async throws {
        guard directory.proof(of: name) != proof else { return }
        try await commits.commit { [directory] db in
            let device = try Int64.fetchOne(
                db, sql: "UPDATE devices SET proof = ?1 WHERE name = ?2 RETURNING id",
                arguments: [proof.rawValue, name])
            guard let device else { return }
            db.afterNextTransaction { _ in directory.note(proof, of: device) }
        }
    }

    /// By the rows of the devices.
    static func proofs(_ db: Database) throws -> [Int64: DeviceProof] {
        var proofs: [Int64: DeviceProof] = [:]
        let rows = try Row.fetchCursor(db, sql: "SELECT id, proof FROM devices WHERE proof IS NOT NULL")
        while let row = try rows.next() { proofs[row[0]] = DeviceProof(rawValue: row[1]) }
        return proofs
    }
}
