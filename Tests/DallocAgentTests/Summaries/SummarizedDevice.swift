// SPDX-License-Identifier: Apache-2.0
//
// A device whose heap may be told of in summaries, and what these must say: the test's own record of all operations.

import CDalloc
import CDallocAgent
import Dalloc
import HeapReplica
import HeapWire
import Testing

final class SummarizedDevice {
    typealias Operation = HeapWire.Operation

    let collector: TestCollector
    let device: WatchedDevice
    private let summary = UnsafeMutablePointer<dalloc_summary_t>.allocate(capacity: 1)
    private let sums = UnsafeMutablePointer<dalloc_sum_t>.allocate(capacity: 16)
    private let room: Int
    /// All operations since the heap was made, and those before the last frame.
    private(set) var operations: [Operation] = []
    private var before = 0
    private var seen = 0

    init(
        _ collector: TestCollector, sums room: Int = 8, transmit: Int = 16_384, isLazy: Bool = false,
        interval: UInt32 = 0, _ change: (inout dalloc_agent_config_t) -> Void = { _ in }
    ) {
        (self.collector, self.room) = (collector, room)
        device = WatchedDevice(collector, transmit: transmit, isLazy: isLazy, change)
        var config = dalloc_summary_config_t()
        (config.sums, config.sum_count, config.interval) = (room > 0 ? sums : nil, UInt8(room), interval)
        #expect(dalloc_agent_summarize(device.agent, device.recorder, summary, &config) == DALLOC_AGENT_OK)
        device.report()
        (before, seen) = (0, collector.states.count)
    }

    deinit {
        summary.deallocate()
        sums.deallocate()
    }

    func request(_ level: Request.Level?, keyframe: Bool = false) {
        collector.send { Request(boot: 77, keyframe: keyframe, level: level).write(to: &$0) }
    }

    /// Goes over to summaries, and forgets the frames before.
    func beginSummaries() {
        request(.summary)
        pass(seconds: 1)
        _ = expectSummaries()
    }

    // MARK: What the heap does

    private func owner(_ slot: Int) -> UInt64 { UInt64(UInt(bitPattern: device.variables + slot)) }

    func allocate(_ slot: Int, _ size: UInt32) {
        let failures = device.heap.pointee.alloc_info.total_failures
        device.allocate(slot, size)
        let hasFailed = device.heap.pointee.alloc_info.total_failures > failures
        operations.append(
            hasFailed
                ? .failed(size: size, why: 0, owner: owner(slot)) : .alloc(size: size, owner: owner(slot)))
    }

    func free(_ slot: Int) {
        let table = dalloc_port_table(device.heap)
        let count = Int(device.heap.pointee.alloc_info.allocations_num)
        guard let index = (0..<count).first(where: { table[$0].ptr == device.variables + slot }) else { return }
        operations.append(.free(depth: UInt32(count - 1 - index)))
        device.free(slot)
    }

    /// A random allocation or free. None fails.
    func act(_ random: inout some RandomNumberGenerator) {
        let slot = Int.random(in: 0..<20, using: &random)
        if device.variables[slot] == nil {
            allocate(slot, .random(in: 1...200, using: &random))
        } else {
            free(slot)
        }
        device.now &+= .random(in: 0...30, using: &random)
    }

    func fail() { allocate(90, 60_000) }

    /// Lets time pass, polled ten times a second.
    func pass(seconds: Int) {
        for _ in 0..<seconds * 10 {
            device.now &+= 100
            device.poll()
        }
    }

    // MARK: What the frames say

    /// The kinds of the frames since the last call.
    enum Told: Equatable {
        case operations(Int)
        case summary(lost: Int, recent: Int)
        case table
    }

    /// Checks the frames that have come since the last call. None of them may be a full one, but for those of a table.
    func expectSummaries(_ place: SourceLocation = #_sourceLocation) -> [Told] {
        defer { seen = collector.states.count }
        return (seen..<collector.states.count).map { index in
            let (state, told) = (collector.states[index], collector.told[index])
            if case .keyframe = collector.bodies[index] { return .table }
            guard let sums = told.sums else {
                #expect(state.lost == 0, sourceLocation: place)
                before += told.operations.count
                return .operations(told.operations.count)
            }
            let all = operations[before...].prefix(Int(state.lost) + told.operations.count)
            #expect(told.operations == Array(all.suffix(told.operations.count)), sourceLocation: place)
            #expect(sums == expected(all, sums), sourceLocation: place)
            before += all.count
            return .summary(lost: Int(state.lost), recent: told.operations.count)
        }
    }

    /// Nothing has happened that no frame has told of.
    func expectAllTold(_ place: SourceLocation = #_sourceLocation) {
        #expect(before == operations.count, sourceLocation: place)
    }

    /// The sums of the first owners that have allocated, as many as there is room for.
    private func expected(_ operations: ArraySlice<Operation>, _ told: AllocationSums) -> AllocationSums {
        var sums = AllocationSums(others: AllocationSums.Sum(allocations: 0, bytes: 0))
        for case .alloc(let size, let owner, _) in operations {
            if let index = sums.tags.firstIndex(where: { $0.tag == owner }) {
                sums.tags[index].sum.allocations += 1
                sums.tags[index].sum.bytes += UInt64(size)
            } else if sums.tags.count < room {
                sums.tags.append(AllocationSums.Tag(owner, allocations: 1, bytes: UInt64(size)))
            } else {
                sums.others.allocations += 1
                sums.others.bytes += UInt64(size)
            }
        }
        // The frame may have room for fewer.
        for tag in sums.tags.dropFirst(told.tags.count) {
            sums.others.allocations += tag.sum.allocations
            sums.others.bytes += tag.sum.bytes
        }
        sums.tags = Array(sums.tags.prefix(told.tags.count))
        return sums
    }
}
