// SPDX-License-Identifier: Apache-2.0
//
// The days of many heaps, as the table `days` has them.

internal import GRDB
internal import HeapHistory

struct FleetDays {
    /// A heap of one boot.
    struct Heap {
        var device: Int64
        var name: String
        var number: Int
        var build: Int
        var size: Int
        var tableSize: Int
        var alignment: Int
        /// Row of its boot.
        var boot: Int64
    }

    struct Day {
        var time: Int64
        var heap: Int64
        var used: Int
        var peak: Int
        var peakBlocks: Int
        var allocated: Count
        var failures: Count
        var bytesMoved: Count
        /// Microseconds.
        var known: Count
    }

    /// When the first day begins, and the last one ends.
    let since: Timestamp
    let until: Timestamp
    private(set) var heaps: [Int64: Heap] = [:]
    private(set) var builds: [String] = []

    /// - Parameters:
    ///   - since: the range is extended to whole days.
    ///   - builds: those of interest; none for all.
    ///   - heap: a name or a number; nil for all.
    init(
        _ db: Database, since: Timestamp, until: Timestamp, builds wanted: [String] = [], heap: String? = nil
    ) throws {
        let start = since.microseconds.subtractingClamped(since.microseconds.flooredRemainder(GroupPeriod.day))
        let end = until.microseconds.subtractingClamped(until.microseconds.flooredRemainder(GroupPeriod.day))
            .addingClamped(GroupPeriod.day)
        (self.since, self.until) = (Timestamp(microseconds: start), Timestamp(microseconds: end))
        var numbers: [String: Int] = [:]
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT heaps.id, heaps.name, heaps.number, heaps.size, heaps.table_size, heaps.alignment, boots.id, boots.build,
                        boots.device_id
                    FROM heaps JOIN boots ON boots.id = boot_id WHERE heaps.last_time >= ? AND heaps.first_time < ?
                    """), arguments: [start, end])
        while let row = try rows.next() {
            let (name, build): (String, String) = (row[1], row[7])
            guard wanted.isEmpty || wanted.contains(build), heap == nil || heap == name || heap == "\(row[2] as Int64)"
            else {
                continue
            }
            if numbers[build] == nil {
                numbers[build] = builds.count
                builds.append(build)
            }
            heaps[row[0]] = Heap(
                device: row[8], name: name, number: Int(clamping: row[2] as Int64), build: numbers[build] ?? 0,
                size: Int(clamping: row[3] as Int64), tableSize: Int(clamping: row[4] as Int64),
                alignment: max(1, Int(clamping: row[5] as Int64)), boot: row[6])
        }
    }

    /// Leaves the heap with the lowest number of each boot.
    mutating func keepLowestNumbers() {
        var lowest: [Int64: Int] = [:]
        for heap in heaps.values { lowest[heap.boot] = min(lowest[heap.boot] ?? .max, heap.number) }
        heaps = heaps.filter { lowest[$0.value.boot] == $0.value.number }
    }

    /// Calls `body` with each day of these heaps, in order of time.
    func forEach(_ db: Database, _ work: WorkBudget, _ body: (Day, Heap) -> Void) throws {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT time, heap_id, used, peak, peak_blocks, allocated, failures, bytes_moved, known FROM days
                    WHERE time >= ? AND time < ?
                    """), arguments: [since.microseconds, until.microseconds])
        while let row = try rows.next(), !work.isOver {
            work.spend(300)
            guard let heap = heaps[row[1]] else { continue }
            func count(_ column: Int) -> Count { Count(clamping: row[column] as Int64) }
            body(
                Day(
                    time: row[0], heap: row[1], used: count(2).int, peak: count(3).int, peakBlocks: count(4).int,
                    allocated: count(5), failures: count(6), bytesMoved: count(7), known: count(8)), heap)
        }
    }

    static func names(of devices: some Sequence<Int64>, _ db: Database) throws -> [Int64: String] {
        var names: [Int64: String] = [:]
        for device in devices where names[device] == nil {
            names[device] = try String.fetchOne(
                db.cachedStatement(sql: "SELECT name FROM devices WHERE id = ?"), arguments: [device])
        }
        return names
    }
}
