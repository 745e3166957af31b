// SPDX-License-Identifier: Apache-2.0
//
// The node's work: sensors are read, their readings are sent when there are enough, and a log grows until it is full. Arrays,
// boxes and text are in one heap; nothing holds an address.

import Dalloc

struct Node: ~Copyable {
    private var channels = InlineArray<12, Channel> { _ in Channel() }
    private var log: HeapBytes?
    private var chance: Chance
    private var measured: UInt32 = 0
    private var logged: UInt32 = 0

    private static var logLimit: Int { 768 }

    init(seed: UInt32) { chance = Chance(seed: seed) }

    /// Does what is due.
    mutating func work(at now: UInt32, in heap: inout Heap) throws(HeapError) {
        if now &- measured >= 10 {
            measured = now
            try measure(in: &heap)
        }
        if now &- logged >= 200 {
            logged = now
            try note(now, in: &heap)
        }
    }

    private mutating func measure(in heap: inout Heap) throws(HeapError) {
        let number = Int(chance.below(12))
        do throws(HeapError) {
            try channels[number].add(UInt16(truncatingIfNeeded: chance.below(4096)), in: &heap)
        } catch {
            // With no room for a reading, the old ones must go.
            try channels[number].send(in: &heap)
        }
        if channels[number].count > 8 + Int(chance.below(24)) { try channels[number].send(in: &heap) }
        if chance.below(64) == 0 { try channels[number].close(in: &heap) }
    }

    private var isLogFull: Bool {
        switch log {
        case .some(let log): log.count > Self.logLimit
        case .none: false
        }
    }

    /// Adds a line to the log, or starts a new one.
    private mutating func note(_ now: UInt32, in heap: inout Heap) throws(HeapError) {
        if isLogFull { try log.take()?.free(in: &heap) }
        do throws(HeapError) {
            if log == nil { log = try HeapBytes(in: &heap) }
            try log?.append(decimal: Int(truncatingIfNeeded: now), in: &heap)
            try log?.append(" ms, bytes in use: ", in: &heap)
            try log?.append(decimal: heap.used, in: &heap)
            try log?.append(0x0A, in: &heap)
        } catch {
            try log.take()?.free(in: &heap)
        }
    }
}
