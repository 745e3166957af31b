// SPDX-License-Identifier: Apache-2.0
//
// What an agent tells of how full its recorders got.

import CDalloc
import CDallocAgent
import HeapWire
import TestSupport
import Testing

struct RecorderFillTests {
    /// With less left, there may be no room for an operation.
    private let size: UInt32 = 192 - 35

    /// Bursts of operations, each a little longer than the one before, until a recorder overflows.
    /// - Parameter used: bytes of the recorder, or nil when it has lost operations.
    private func fill(
        _ collector: TestCollector, burst: (Int) -> Void, used: () -> UInt32?, report: () -> Void
    ) {
        var (most, reported): (UInt32, UInt32) = (0, 0)
        for length in 1...200 {
            burst(length)
            guard let used = used() else { break }
            most = max(most, used)
            report()
            reported = most
            let told = collector.fills.last?.most ?? 0
            #expect(
                most * 2 <= size && told == 0 || told <= most && min(most, size) - told <= size / 16,
                "\(most) bytes, \(told) told")
        }
        #expect(reported > 140, "it came near to full")
        let told = collector.fills.map(\.most)
        #expect(told.first.map { (80..<110).contains($0) } == true && (3...9).contains(told.count), "\(told)")
        #expect(zip(told, told.dropFirst()).allSatisfy { $1 - $0 > size / 16 })
        #expect(collector.fills.allSatisfy { $0.size == size })
    }

    @Test func theCollectorIsToldThatARecorderComesNearToFull() {
        let collector = TestCollector()
        let device = WatchedDevice(collector)
        device.report()
        fill(
            collector,
            burst: { length in
                for slot in 0..<length { device.allocate(slot % 2, 10) }
                for slot in 0..<2 { device.free(slot) }
            },
            used: { device.recorder.pointee.lost > 0 ? nil : UInt32(device.recorder.pointee.used) },
            report: {
                device.report()
                device.expectExact(collector)
            })
        #expect(dalloc_agent_counters(device.agent).recorder_most > 140)
    }

    @Test func soItIsOfAWatchedHeap() {
        let collector = TestCollector()
        let device = PoolDevice(collector)
        var random = SeededRandom(seed: 7)
        device.report()
        let recorder = withUnsafeMutablePointer(to: &device.watch.pointee.recorder) { $0 }
        fill(
            collector,
            burst: { length in
                for _ in 0..<length { device.act(&random, most: 40) }
            },
            used: { recorder.pointee.lost > 0 ? nil : UInt32(recorder.pointee.used) },
            report: {
                device.report()
                device.expectExact(collector)
            })
    }

    @Test func aRecorderThatIsHalfEmptyIsNotMentioned() {
        let collector = TestCollector()
        let device = WatchedDevice(collector)
        for _ in 0..<500 {
            device.act()
            device.act()
            device.report()
        }
        #expect(collector.fills.isEmpty && dalloc_agent_counters(device.agent).recorder_most * 2 < size)
    }

    /// A transmit buffer with room for one frame alone.
    @Test func theSmallestBufferHasRoomForIt() {
        let collector = TestCollector()
        let device = WatchedDevice(collector, transmit: 512)
        device.report()
        for length in [40, 20, 41] {
            for slot in 0..<length where device.recorder.pointee.used < 150 { device.allocate(slot, 10) }
            device.report()
            for slot in 0..<length where device.recorder.pointee.used < 150 { device.free(slot) }
            device.report()
            device.expectExact(collector)
        }
        #expect(dalloc_agent_counters(device.agent).operations_lost == 0)
        #expect(!collector.fills.isEmpty)
    }
}
