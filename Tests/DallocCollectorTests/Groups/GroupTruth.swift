// SPDX-License-Identifier: Apache-2.0
//
// Counts blocks by group in the plainest way: a list of blocks with the names of their groups, and for each hour a dictionary. It shares no
// code with the collector.

import HeapWire

@testable import DallocCollector
@testable import FuzzModels

struct GroupTruth {
    struct Sums: Equatable {
        var allocated: Int64 = 0
        var freed: Int64 = 0
        var failed: Int64 = 0
        var moved: Int64 = 0
        /// Fewest bytes in the hour, and those at its end.
        var low: UInt64 = 0
        var live: UInt64 = 0
        var blocks = 0
    }

    private struct Member {
        var group: String
        var size: UInt32
    }

    private var members: [Member] = []
    /// Of each hour that has frames, and of those in between.
    private(set) var hours: [Int64: [String: Sums]] = [:]
    private var current: Int64?

    private var live: [String: (bytes: UInt64, blocks: Int)] {
        members.reduce(into: [:]) {
            $0[$1.group, default: (0, 0)].bytes += UInt64($1.size)
            $0[$1.group, default: (0, 0)].blocks += 1
        }
    }

    /// What comes from now on is in this hour.
    mutating func goOn(to hour: Int64) {
        var next = current ?? hour
        while next < hour {
            next += GroupPeriod.hour
            hours[next] = live.mapValues { Sums(low: $0.bytes, live: $0.bytes, blocks: $0.blocks) }
        }
        if current == nil { hours[hour] = [:] }
        current = hour
    }

    /// - Parameters:
    ///   - before: the heap before the operation, which it can do.
    ///   - after: the heap after it.
    mutating func perform(_ operation: Operation, before: ModelHeap, after: ModelHeap) {
        let moved = Int64(after.totals.bytesMoved) - Int64(before.totals.bytesMoved)
        switch operation {
        case .alloc(let size, let owner, let callSite):
            let group = Self.group(size, owner, callSite, before)
            members.append(Member(group: group, size: size))
            change(group) { $0.allocated += 1 }
        case .free(let depth):
            let member = members.remove(at: members.count - 1 - Int(depth))
            change(member.group) {
                $0.freed += 1
                $0.moved += moved
            }
        case .resize(let depth, let size):
            let block = members.count - 1 - Int(depth)
            members[block].size = size
            change(members[block].group) { $0.moved += moved }
        case .allocAt(let address, let size, let callSite):
            guard let index = after.index(ofBlockAt: address) else { return }
            let group = Self.group(size, callSite)
            members.insert(Member(group: group, size: size), at: index)
            change(group) { $0.allocated += 1 }
        case .freeAt(let address):
            guard let index = before.index(ofBlockAt: address) else { return }
            change(members.remove(at: index).group) { $0.freed += 1 }
        case .resizeAt(let address, let size, let target):
            guard let old = before.index(ofBlockAt: address), let new = after.index(ofBlockAt: target) else { return }
            var member = members.remove(at: old)
            member.size = size
            members.insert(member, at: new)
            change(member.group) { _ in }
        case .compact(let depth, _): change(members[members.count - 1 - Int(depth)].group) { $0.moved += moved }
        case .reown(let depth, _), .orphan(let depth):
            let index = members.count - 1 - Int(depth)
            let old = members[index].group
            let block = after.blocks[index]
            members[index].group = Self.group(block.size, block.owner, block.callSite, after)
            change(old) { _ in }
            change(members[index].group) { _ in }
        case .reset:
            let old = Set(members.map(\.group))
            members = []
            for group in old { change(group) { _ in } }
        case .failed(let size, _, let owner, let callSite):
            var group = Self.group(size, owner, callSite, before)
            if owner == 0 { group = Self.group(size, callSite) }
            change(group) { $0.failed += 1 }
        case .badPointer: break
        }
    }

    private mutating func change(_ group: String, _ body: (inout Sums) -> Void) {
        guard let current else { return }
        var sums = hours[current]?[group] ?? Sums()
        body(&sums)
        let live = live[group] ?? (0, 0)
        (sums.live, sums.blocks) = (live.bytes, live.blocks)
        sums.low = min(sums.low, live.bytes)
        hours[current]?[group] = sums
    }

    /// Of what has no owner, and is no orphan.
    private static func group(_ size: UInt32, _ callSite: UInt64) -> String {
        var most: UInt64 = 1
        while most < UInt64(size) { most *= 2 }
        return callSite == 0 ? "s\(most)" : "c" + String(callSite, radix: 16)
    }

    private static func group(_ size: UInt32, _ owner: UInt64, _ callSite: UInt64, _ heap: ModelHeap) -> String {
        func hexadecimal(_ value: UInt64) -> String { String(value, radix: 16) }
        if owner == 0 { return callSite == 0 ? "o" : "o" + hexadecimal(callSite) }
        if callSite != 0 { return "c" + hexadecimal(callSite) }
        for block in heap.blocks {
            let start = heap.layout.baseAddress + block.start
            guard owner >= start, owner - start < UInt64(block.size) else { continue }
            var size: UInt64 = 1
            while size < UInt64(block.size) { size *= 2 }
            return "i\(size)+\(owner - start)"
        }
        return "v" + hexadecimal(owner)
    }
}
