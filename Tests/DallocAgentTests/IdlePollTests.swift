// SPDX-License-Identifier: Apache-2.0
//
// An idle poll only has a look. It must notice everything that a whole poll would act on, at the same time.

import CDalloc
import CDallocAgent
import Dalloc
import DallocAgent
import HeapWire
import Testing

struct IdlePollTests {
    /// A device whose collector has everything. Its last frame was made at 6000.
    private static func idleDevice(_ collector: TestCollector, startsAt tick: UInt32 = 5000) -> WatchedDevice {
        let device = WatchedDevice(collector, startsAt: tick)
        for _ in 0..<10 { device.allocate(Int.random(in: 0..<50), 20) }
        device.report()
        #expect(device.agent.pointee.quiet)
        return device
    }

    /// Polls each millisecond. Returns the tick of the poll in which something came, at most `limit` from now.
    private static func pollUntil(
        _ device: WatchedDevice, limit: UInt32 = 100_000, _ hasCome: () -> Bool
    ) -> UInt32? {
        for _ in 0...limit {
            device.poll()
            if hasCome() { return device.now }
            device.now &+= 1
        }
        return nil
    }

    @Test func anOperationBetweenTwoPollsIsSentWhenItIsDueAndNotLater() {
        let collector = TestCollector()
        let device = Self.idleDevice(collector)
        let before = collector.states.count
        device.now = 6300
        device.poll()
        device.allocate(90, 5)
        #expect(Self.pollUntil(device) { collector.states.count > before } == 7000, "a second after the last frame")
        device.poll(2)
        #expect(device.agent.pointee.quiet)
        device.now = 9500
        device.poll()
        device.free(90)
        device.poll()
        #expect(collector.states.count == before + 2, "at once, as the interval is over")
        device.poll()
        device.expectExact(collector)
    }

    @Test func aRecorderThatFillsUpIsEmptiedInTheNextPoll() {
        let collector = TestCollector()
        let device = Self.idleDevice(collector)
        let before = collector.states.count
        for slot in 50..<95 { device.allocate(slot, 100) }
        #expect(device.agent.pointee.quiet)
        device.poll()
        #expect(collector.states.count == before + 1)
        for _ in 0..<200 {
            device.allocate(95, 5)
            device.free(95)
        }
        device.poll()
        #expect(collector.states.last.map { $0.lost > 0 } == true)
        device.poll()
        device.expectExact(collector)
    }

    @Test func aFlushIsHeardInTheNextPoll() {
        let collector = TestCollector()
        let device = Self.idleDevice(collector)
        let before = collector.states.count
        device.poll()
        device.allocate(90, 5)
        device.poll()
        #expect(collector.states.count == before && !dalloc_agent_is_drained(device.agent))
        dalloc_agent_flush(device.agent)
        device.poll(2)
        #expect(collector.states.count == before + 1 && dalloc_agent_is_drained(device.agent))
        device.expectExact(collector)
    }

    @Test func signsOfLifeAndTablesComeWhenTheyAreDue() {
        let collector = TestCollector()
        let device = Self.idleDevice(collector)
        for due in stride(from: UInt32(16_000), through: 146_000, by: 10_000) {
            let before = collector.states.count
            #expect(Self.pollUntil(device) { collector.states.count > before } == due)
        }
        let tables = zip(collector.states, collector.bodies).filter { if case .keyframe = $1 { true } else { false } }
        #expect(tables.map(\.0.tick) == [5000, 66_000, 126_000], "the first heartbeat a minute after the last one")
    }

    @Test func silenceOfTheCollectorIsNoticed() {
        let collector = TestCollector()
        let device = Self.idleDevice(collector)
        collector.acknowledges = false
        let hellos = collector.hellos
        #expect(Self.pollUntil(device) { collector.hellos > hellos } == 18_000, "two seconds after the frame of 16,000")
    }

    @Test func whatTheCollectorAsksForComesAtOnce() {
        let collector = TestCollector()
        let device = Self.idleDevice(collector)
        let before = collector.states.count
        collector.send { Request(boot: 77, keyframe: true, interval: 200).write(to: &$0) }
        device.poll(2)
        #expect(collector.states.count == before + 1)
        device.poll(2)
        device.now &+= 50
        device.poll()
        #expect(device.agent.pointee.quiet)
        device.allocate(90, 5)
        #expect(Self.pollUntil(device) { collector.states.count > before + 1 } == 6200, "the new interval")
    }

    @Test func aLineThatGoesDownIsGreetedAnew() {
        let collector = TestCollector()
        let device = Self.idleDevice(collector)
        let hellos = collector.hellos
        collector.isUp = false
        device.poll()
        #expect(!device.agent.pointee.quiet)
        device.poll()
        collector.isUp = true
        device.poll(3)
        #expect(collector.hellos == hellos + 1)
        device.agent.pointee.config.link.read = { _, _, _ in -1 }
        device.poll()
        #expect(!device.agent.pointee.quiet)
        device.agent.pointee.config.link = collector.makeLink()
        device.poll(3)
        #expect(collector.hellos == hellos + 2 && device.agent.pointee.quiet)
    }

    @Test func aHeapThatIsMadeAnewIsNoticedInTheNextPoll() {
        let collector = TestCollector()
        let device = Self.idleDevice(collector)
        let hellos = collector.hellos
        for slot in 0..<100 { device.variables[slot] = nil }
        heap_init(device.heap, device.memory + 4096, 4096)
        device.poll()
        #expect(device.heap.pointee.observer != nil)
        device.poll(4)
        #expect(collector.hellos == hellos + 1)
        device.allocate(3, 99)
        device.report()
        device.expectExact(collector)
    }

    @Test func aHeapThatComesLaterIsAnnounced() {
        let collector = TestCollector()
        let device = Self.idleDevice(collector)
        let other = WatchedDevice(TestCollector())
        let recorder = UnsafeMutablePointer<dalloc_recorder_t>.allocate(capacity: 1)
        defer { recorder.deallocate() }
        dalloc_agent_deinit(other.agent)
        #expect(dalloc_agent_attach(device.agent, recorder, other.heap, WatchedDevice.heapName) == DALLOC_AGENT_OK)
        device.poll(5)
        WatchedDevice.expect(collector.tables[1], is: other.heap)
        other.allocate(0, 9)
        device.report()
        WatchedDevice.expect(collector.tables[1], is: other.heap)
        dalloc_agent_deinit(device.agent)
        #expect(other.heap.pointee.observer == nil && device.heap.pointee.observer == nil)
        let before = collector.states.count
        other.allocate(1, 9)
        device.report()
        #expect(collector.states.count == before, "an agent that has ended is silent")
    }

    /// Wrap-arounds are counted by looking at the clock.
    @Test func theClockMayWrapAroundUnderAnIdleDevice() {
        let collector = TestCollector()
        let device = Self.idleDevice(collector, startsAt: UInt32.max - 24_999)
        for _ in 0..<60 {
            device.now &+= 1000
            device.poll(3)
        }
        let (start, ticks) = (UInt64(UInt32.max - 24_999), collector.states.map(\.tick))
        #expect(ticks == [0, 1000, 11_000, 21_000, 31_000, 41_000, 51_000, 61_000].map { start + $0 })
    }

    @Test func aOneWayLineIsNeverIdle() {
        let collector = TestCollector()
        collector.isOneWay = true
        let device = WatchedDevice(collector)
        for _ in 0..<130 {
            device.report()
            #expect(!device.agent.pointee.quiet)
        }
        #expect(collector.hellos == 3)
    }
}
