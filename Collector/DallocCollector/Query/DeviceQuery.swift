// `devices`: the fleet at a glance.

internal import GRDB
public import HeapHistory

extension HistoryQuery {
    /// Every device with its current boot, ordered by id. `connected` names those that have a session open.
    public func devices(connected: Set<String>) async throws -> DeviceList {
        // Before the transaction: what is gathered in between is then in the database.
        let recent = store.tail.figures()
        return try await read { db in
            let rows = try Row.fetchCursor(
                db.cachedStatement(
                    sql: """
                        SELECT devices.name, devices.first_seen, devices.last_seen, boots.boot, boots.build, boots.link,
                            heaps.id, heaps.number, heaps.name, heaps.base_address, heaps.size, heaps.alignment,
                            heaps.table_size, heaps.used, heaps.allocations, heaps.peak, heaps.last_sequence
                        FROM devices JOIN boots ON boots.id = (
                            SELECT id FROM boots WHERE device_id = devices.id ORDER BY last_seen DESC, id DESC LIMIT 1)
                        LEFT JOIN heaps ON heaps.boot_id = boots.id
                        ORDER BY devices.name, heaps.number, heaps.id
                        """))
            var devices: [DeviceSummary] = []
            while let row = try rows.next() {
                let name: String = row[0]
                if devices.last?.id != name { devices.append(DeviceSummary(row, connected: connected)) }
                guard let id: Int64 = row[6] else { continue }
                devices[devices.count - 1].add(HeapSummary(row), recent[id])
            }
            return DeviceList(devices: devices)
        }
    }
}

extension DeviceSummary {
    fileprivate init(_ row: Row, connected: Set<String>) {
        let name: String = row[0]
        self.init(
            id: name, build: row[4], boot: row[3], link: row[5], connected: connected.contains(name),
            firstSeen: Timestamp(microseconds: row[1]), lastSeen: Timestamp(microseconds: row[2]), heaps: [])
    }

    /// Of a heap that was made anew within a boot, the latest counts.
    fileprivate mutating func add(_ heap: HeapSummary, _ recent: Tail.Figures?) {
        var heap = heap
        if let recent, recent.sequence > heap.sequence {
            heap.used = Int(recent.used)
            heap.allocations = Int(recent.allocations)
            heap.peak = max(heap.peak, Int(recent.peak))
            heap.sequence = Int(recent.sequence)
            lastSeen = max(lastSeen, recent.seen)
        }
        guard let last = heaps.last, last.heap == heap.heap else { return heaps.append(heap) }
        if heap.sequence >= last.sequence { heaps[heaps.count - 1] = heap }
    }
}

extension HeapSummary {
    fileprivate init(_ row: Row) {
        self.init(
            heap: row[7], name: row[8], baseAddress: Address(UInt64(bitPattern: row[9])), size: row[10],
            alignment: row[11], tableSize: row[12], used: row[13], allocations: row[14], peak: row[15],
            sequence: row[16])
    }
}
