// SPDX-License-Identifier: Apache-2.0
//
// The days of many heaps, as the table `days` has them.

internal import GRDB
internal import HeapHistory

struct FleetDays {
    /// A heap of one boot. Numbers alone, so that hundreds of thousands of days are looked at without counting references.
    struct Heap {
        let id: Int64
        var device: Int64
        /// Places in ``FleetDays/names`` and ``FleetDays/builds``.
        var name: Int
        var build: Int
        var number: Int
        var size: Int
        var tableSize: Int
        var alignment: Int
        /// Row of its boot.
        var boot: Int64
        /// Below ``FleetDays/heapCount``.
        var place = 0
    }

    struct Day {
        var time: Int64
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
    /// In the order of their ids.
    private var heaps: [Heap] = []
    private var (buildWords, nameWords) = (Words(), Words())
    var builds: [String] { buildWords.all }
    var names: [String] { nameWords.all }
    var heapCount: Int { heaps.count }

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
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT heaps.id, heaps.name, heaps.number, heaps.size, heaps.table_size, heaps.alignment, boots.id, boots.build,
                        boots.device_id
                    FROM heaps JOIN boots ON boots.id = boot_id WHERE heaps.last_time >= ? AND heaps.first_time < ?
                    ORDER BY heaps.id
                    """), arguments: [start, end])
        while let row = try rows.next() {
            let (name, build): (String, String) = (row[1], row[7])
            guard wanted.isEmpty || wanted.contains(build), heap == nil || heap == name || heap == "\(row[2] as Int64)"
            else {
                continue
            }
            heaps.append(
                Heap(
                    id: row[0], device: row[8], name: nameWords.place(of: name),
                    build: buildWords.place(of: build), number: Int(clamping: row[2] as Int64),
                    size: Int(clamping: row[3] as Int64), tableSize: Int(clamping: row[4] as Int64),
                    alignment: max(1, Int(clamping: row[5] as Int64)), boot: row[6], place: heaps.count))
        }
    }

    /// Different words, and the place of each.
    private struct Words {
        private(set) var all: [String] = []
        private var places: [String: Int] = [:]

        mutating func place(of word: String) -> Int {
            if let place = places[word] { return place }
            places[word] = all.count
            all.append(word)
            return all.count - 1
        }
    }

    /// Leaves the heap with the lowest number of each boot.
    mutating func keepLowestNumbers() {
        var lowest: [Int64: Int] = [:]
        for heap in heaps { lowest[heap.boot] = min(lowest[heap.boot] ?? .max, heap.number) }
        heaps = heaps.filter { lowest[$0.boot] == $0.number }
        for place in heaps.indices { heaps[place].place = place }
    }

    /// Calls `body` with each day of these heaps, in order of time.
    func forEach(_ db: Database, _ work: WorkBudget, _ body: (Day, Heap) -> Void) throws {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT time, heap_id, used, peak, peak_blocks, allocated, failures, bytes_moved, known FROM days
                    WHERE time >= ? AND time < ? ORDER BY time, heap_id
                    """), arguments: [since.microseconds, until.microseconds])
        // The rows of a day are in the order of the heaps: both are walked through side by side.
        var (place, last) = (0, Int64.max)
        while let row = try rows.next(), !work.isOver {
            work.spend(150)
            let id = row[1] as Int64
            if id <= last { place = 0 }
            last = id
            while place < heaps.count, heaps[place].id < id { place += 1 }
            guard place < heaps.count, heaps[place].id == id else { continue }
            func count(_ column: Int) -> Count { Count(clamping: row[column] as Int64) }
            body(
                Day(
                    time: row[0], used: count(2).int, peak: count(3).int, peakBlocks: count(4).int,
                    allocated: count(5), failures: count(6), bytesMoved: count(7), known: count(8)), heaps[place])
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
