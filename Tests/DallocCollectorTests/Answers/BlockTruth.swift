// SPDX-License-Identifier: Apache-2.0
//
// The lives of all blocks, from a model heap that is looked at before and after each operation.

import HeapHistory
import HeapWire

@testable import DallocCollector
@testable import FuzzModels

struct BlockTruth {
    let number: UInt64
    var events: [BlockLife.Event]
    var isLive = true

    /// The number of each block in the table after an operation.
    static func follow(_ step: ToldDevice.Step, _ members: inout [UInt64]) {
        switch step.operation {
        case .alloc: members.append(step.after.totals.allocations)
        case .free(let depth): members.remove(at: members.count - 1 - Int(depth))
        case .allocAt(let address, _, _):
            guard let index = step.after.index(ofBlockAt: address) else { return }
            members.insert(step.after.totals.allocations, at: index)
        case .freeAt(let address):
            if let index = step.before.index(ofBlockAt: address) { members.remove(at: index) }
        case .resizeAt(let address, _, let target):
            guard let old = step.before.index(ofBlockAt: address), let new = step.after.index(ofBlockAt: target) else {
                return
            }
            members.insert(members.remove(at: old), at: new)
        case .reset: members = []
        default: break
        }
    }

    /// Of the blocks whose numbers came only once.
    static func lives(_ steps: [(frame: UInt32, step: ToldDevice.Step)], _ layout: HeapLayout) -> [BlockTruth] {
        var lives: [UInt64: BlockTruth] = [:]
        var (members, repeated) = ([UInt64](), Set<UInt64>())
        for (frame, step) in steps {
            let before = members
            follow(step, &members)
            func event(_ kind: BlockLife.Event.Kind, _ index: Int, in heap: ModelHeap) -> BlockLife.Event {
                let block = heap.blocks[index]
                return BlockLife.Event(
                    time: RecordedHistory.time(Int64(step.tick)), sequence: Int(frame), event: kind, index: index,
                    address: Address(layout.baseAddress + block.start), size: Int(block.size),
                    owner: block.owner == 0 ? nil : Address(block.owner))
            }
            // What moved, and why.
            for (index, number) in members.enumerated() {
                guard !layout.isWatched, let old = before.firstIndex(of: number),
                    case let from = step.before.blocks[old].start,
                    from != step.after.blocks[index].start
                else { continue }
                var moved = event(.moved, index, in: step.after)
                moved.from = Address(layout.baseAddress + from)
                moved.owner = step.before.blocks[old].owner == 0 ? nil : Address(step.before.blocks[old].owner)
                moved.cause = cause(step, before)
                lives[number]?.events.append(moved)
            }
            switch step.operation {
            case .alloc:
                let number = step.after.totals.allocations
                if lives[number] != nil { repeated.insert(number) }
                lives[number] = BlockTruth(
                    number: number, events: [event(.allocated, members.count - 1, in: step.after)])
            case .free(let depth):
                let index = before.count - 1 - Int(depth)
                lives[before[index]]?.events.append(event(.freed, index, in: step.before))
                lives[before[index]]?.isLive = false
            case .resize(let depth, _): change(.resized, depth)
            case .reown(let depth, _): change(.newOwner, depth)
            case .orphan(let depth): change(.orphaned, depth)
            case .allocAt(let address, _, _):
                let number = step.after.totals.allocations
                guard let index = step.after.index(ofBlockAt: address) else { break }
                if lives[number] != nil { repeated.insert(number) }
                lives[number] = BlockTruth(number: number, events: [event(.allocated, index, in: step.after)])
            case .freeAt(let address):
                guard let index = step.before.index(ofBlockAt: address) else { break }
                lives[before[index]]?.events.append(event(.freed, index, in: step.before))
                lives[before[index]]?.isLive = false
            case .resizeAt(let address, _, let target):
                guard let index = step.after.index(ofBlockAt: target) else { break }
                var resized = event(.resized, index, in: step.after)
                if target != address { resized.from = Address(address) }
                lives[members[index]]?.events.append(resized)
            case .reset:
                for (index, number) in before.enumerated() {
                    lives[number]?.events.append(event(.reset, index, in: step.before))
                    lives[number]?.isLive = false
                }
            case .failed, .badPointer, .compact: break
            }
            func change(_ kind: BlockLife.Event.Kind, _ depth: UInt32) {
                let index = before.count - 1 - Int(depth)
                var changed = event(kind, index, in: step.after)
                // Its owner may have moved with what the operation moved.
                if kind == .resized {
                    let owner = step.before.blocks[index].owner
                    changed.owner = owner == 0 ? nil : Address(owner)
                }
                lives[before[index]]?.events.append(changed)
            }
        }
        return lives.values.filter { !repeated.contains($0.number) }.sorted { $0.number < $1.number }
    }

    private static func cause(_ step: ToldDevice.Step, _ before: [UInt64]) -> Int? {
        switch step.operation {
        case .free(let depth), .resize(let depth, _), .compact(let depth, _): Int(before[before.count - 1 - Int(depth)])
        default: nil
        }
    }
}
