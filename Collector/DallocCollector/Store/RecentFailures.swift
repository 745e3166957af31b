// SPDX-License-Identifier: Apache-2.0
//
// Allocations that failed within the last hour, by heap: what `devices` shows. Only heaps that had any take memory.

internal import GRDB
internal import HeapHistory
internal import Synchronization

final class RecentFailures: Sendable {
    private struct Heap {
        /// Minutes since 1970, ascending, and what failed in them.
        var minutes: [(minute: Int64, count: Count)] = []
        /// Why the last one failed; nil when that came before the collector started.
        var reason: String?
    }

    private static let minute: Int64 = 60_000_000
    private static let hour: Int64 = 60
    /// Heaps that are kept before those of an hour ago are forgotten.
    private static let most = 20_000

    private let heaps = Mutex<[Int64: Heap]>([:])

    /// - Parameter reason: as ``HeapSummary/failureReason`` has it.
    func add(_ count: Count, of heap: Int64, at time: Timestamp, reason: String?) {
        guard !count.isZero else { return }
        let minute = time.microseconds / Self.minute
        heaps.withLock { heaps in
            if heaps[heap] == nil, heaps.count >= Self.most {
                heaps = heaps.filter { ($0.value.minutes.last?.minute ?? 0) > minute &- Self.hour }
            }
            guard heaps[heap] != nil || heaps.count < Self.most else { return }
            var minutes = heaps[heap]?.minutes ?? []
            minutes.removeAll { $0.minute <= minute &- Self.hour }
            if let last = minutes.last, last.minute == minute {
                minutes[minutes.count - 1].count += count
            } else {
                minutes.append((minute, count))
            }
            heaps[heap] = Heap(minutes: minutes, reason: reason ?? heaps[heap]?.reason)
        }
    }

    /// Nil when nothing has failed.
    func lastHour(of heap: Int64, at now: Timestamp) -> (count: Int, reason: String?)? {
        let first = now.microseconds / Self.minute &- Self.hour
        return heaps.withLock { heaps in
            guard let heap = heaps[heap] else { return nil }
            let count = heap.minutes.reduce(Count.zero) { $1.minute > first ? $0 + $1.count : $0 }
            return count.isZero ? nil : (count.int, heap.reason)
        }
    }

    /// Reads what a database has of the last hour.
    func load(_ db: Database, at now: Timestamp) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT minutes.heap_id, minutes.time, minutes.failures FROM heaps
                JOIN minutes ON minutes.heap_id = heaps.id AND minutes.time >= ?1
                WHERE heaps.last_time >= ?1 AND minutes.failures > 0
                UNION ALL
                SELECT heap_id, time, failures FROM arrivals
                WHERE failures > 0 AND sequence > (SELECT last_sequence FROM heaps WHERE heaps.id = heap_id)
                """, arguments: [now.microseconds &- Self.hour &* Self.minute])
        while let row = try rows.next() {
            add(row.count("failures"), of: row["heap_id"], at: Timestamp(microseconds: row["time"]), reason: nil)
        }
    }
}
