// SPDX-License-Identifier: Apache-2.0
//
// Summaries of watched heaps.

import CDallocAgent
import HeapReplica
import HeapWire
import TestSupport
import Testing

struct WatchSummaryTests {
    private let summary = UnsafeMutablePointer<dalloc_summary_t>.allocate(capacity: 1)
    private let sums = UnsafeMutablePointer<dalloc_sum_t>.allocate(capacity: 16)

    private func summarize(_ device: PoolDevice, _ collector: TestCollector) {
        var config = dalloc_summary_config_t()
        (config.sums, config.sum_count) = (sums, 16)
        let recorder = dalloc_agent_port_watch_recorder(device.watch)
        #expect(dalloc_agent_summarize(device.agent, recorder, summary, &config) == DALLOC_AGENT_OK)
        device.report()
        collector.send { Request(boot: 77, keyframe: false, level: .summary).write(to: &$0) }
        device.poll(3)
    }

    /// The sums by call site; without these all are others.
    private func expected(_ operations: ArraySlice<HeapWire.Operation>, callSites: Bool) -> AllocationSums {
        var sums = AllocationSums(others: AllocationSums.Sum(allocations: 0, bytes: 0))
        for case .allocAt(_, let size, let site) in operations {
            guard callSites else {
                sums.others.allocations += 1
                sums.others.bytes += UInt64(size)
                continue
            }
            let known = sums.tags.firstIndex { $0.tag == site }
            if known == nil { sums.tags.append(AllocationSums.Tag(site, allocations: 0, bytes: 0)) }
            sums.tags[known ?? sums.tags.count - 1].sum.allocations += 1
            sums.tags[known ?? sums.tags.count - 1].sum.bytes += UInt64(size)
        }
        return sums
    }

    @Test(arguments: [false, true], [8, 16] as [UInt]) func everySummaryIsTrue(callSites: Bool, alignment: UInt) {
        let collector = TestCollector()
        let device = PoolDevice(
            collector, base: alignment == 16 ? 0x10_0000 : 0x2000_0000, size: alignment == 16 ? 0 : 65_536,
            alignment: alignment, callSites: callSites)
        summarize(device, collector)
        var random = SeededRandom(seed: 3)
        var (before, recent, tables) = (device.log.count, 0, 0)
        for _ in 0..<40 {
            let seen = collector.states.count
            for _ in 0..<Int.random(in: 0...200, using: &random) { device.act(&random) }
            device.now &+= 60_000
            device.poll(4)
            for index in seen..<collector.states.count {
                if case .keyframe = collector.bodies[index] {
                    tables += 1
                    continue
                }
                let (lost, told) = (Int(collector.states[index].lost), collector.told[index])
                let all = device.log[before...].prefix(lost + told.operations.count)
                #expect(told.operations == Array(all.suffix(told.operations.count)))
                if lost > 0 { #expect(told.sums == expected(all, callSites: callSites)) }
                (before, recent) = (before + all.count, recent + told.operations.count)
            }
        }
        #expect(before == device.log.count)
        #expect(recent > 100 && tables > 3, "failures brought these")
        #expect(collector.rejected.isEmpty)
        #expect(!collector.verdicts.contains(.diverged))
        collector.send { Request(boot: 77, keyframe: false, level: .full).write(to: &$0) }
        device.report()
        device.act(&random)
        device.report()
        device.expectExact(collector)
    }

    /// The longest operation that there is, 35 bytes, at the end of a recorder's room: what follows the recorder stays as it is.
    @Test(arguments: 33...40) func theLongestOperationHasRoom(left: Int) {
        let collector = TestCollector()
        let device = PoolDevice(collector, base: 0x1000, size: 0, alignment: 1, walks: false)
        let (low, high) = (UnsafeRawPointer(bitPattern: 0x1001), UnsafeRawPointer(bitPattern: 0x7FFF_FFFF_FFFF_FFF1))
        device.report()
        // Four bytes each, or five after some time.
        while device.watch.pointee.recorder.used < Int(DALLOC_RECORDER_BYTES) - left,
            dalloc_agent_counters(device.agent).operations_lost == 0
        {
            let rest = Int(DALLOC_RECORDER_BYTES) - left - Int(device.watch.pointee.recorder.used)
            if rest % 4 != 0 { device.now &+= 100 }
            dalloc_watch_failed(device.watch, 9, DALLOC_WATCH_NO_ROOM)
        }
        #expect(Int(device.watch.pointee.recorder.used) == Int(DALLOC_RECORDER_BYTES) - left)
        device.now &+= 0x4000_0000
        dalloc_watch_resize(device.watch, high, low, 0xFFFF_FFFF)
        #expect(device.watch.pointee.config.name == WatchedDevice.heapName)
        #expect((dalloc_agent_counters(device.agent).operations_lost > 0) == (left < 35))
    }
}
