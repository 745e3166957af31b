// SPDX-License-Identifier: Apache-2.0
//
// What the two sides do about frames that are missing, and a clock that is not what it should be.

import CDalloc
import CDallocAgent
import Dalloc
import DallocAgent
import HeapReplica
import HeapWire
import Testing

struct LineTests {
    @Test func aRepeatedAcknowledgementBringsTheMissingFrameAtOnce() {
        let collector = TestCollector()
        let device = WatchedDevice(collector)
        device.report()
        collector.dropOnce = [2]
        device.act()
        device.report()
        #expect(collector.states.count == 1)
        device.act()
        device.report()
        #expect(collector.hellos == 2, "the line was not silent for two seconds")
        #expect(collector.states.map(\.sequence) == [1, 2, 3])
        #expect(dalloc_agent_counters(device.agent).frames_resent == 2)
        device.expectExact(collector)
    }

    /// A database that was deleted or restored: the frames before are gone, a table in parts perhaps among them.
    @Test func aCollectorThatForgotIsGivenTheWholeTable() {
        let collector = TestCollector()
        let device = WatchedDevice(collector, transmit: Int(DALLOC_RECORDER_BYTES) * 3 / 2 + 224)
        device.report()
        // Owners far from each other, so that each takes three bytes.
        let variables = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: 10_000)
        defer { variables.deallocate() }
        variables.initialize(repeating: nil, count: 10_000)
        for slot in 0..<100 { dalloc(device.heap, 20, variables + (slot % 2 == 0 ? slot : 9999 - slot)) }
        for _ in 0..<10 where device.recorder.pointee.keyframe_next == 0 { device.poll() }
        #expect(device.recorder.pointee.keyframe_next > 0, "a keyframe is under way")
        collector.isUp = false
        device.poll()
        collector.lastStored = 0
        collector.isUp = true
        device.poll(30)
        #expect(collector.gaps == 1)
        device.expectExact(collector)
    }

    @Test func aClockThatIsSetBackStandsStill() {
        let collector = TestCollector()
        let device = WatchedDevice(collector)
        for _ in 0..<200 {
            for _ in 0..<10 {
                device.act()
                device.now &-= .random(in: 0...40)
            }
            device.now &+= 1500
            device.poll(3)
            device.now &-= .random(in: 0...300)
        }
        device.now &+= 3000
        device.poll(6)
        device.expectExact(collector)
        #expect(collector.verdicts.allSatisfy { $0 == .exact })
        let ticks = collector.states.map(\.tick)
        #expect(ticks == ticks.sorted())
    }

    @Test func aClockThatIsSetFarBackDoesNotFloodTheLine() {
        let collector = TestCollector()
        let device = WatchedDevice(collector, startsAt: 1_000_000)
        device.report()
        device.now = 5
        device.poll(50)
        #expect(collector.states.count <= 2)
    }

    @Test func aLinkThatLiesAboutItsCountsHarmsNothing() {
        let collector = TestCollector()
        let device = WatchedDevice(collector)
        device.agent.pointee.config.link.read = { _, bytes, _ in
            bytes?.update(repeating: 0, count: 32)
            return 100_000
        }
        device.agent.pointee.config.link.write = { _, _, _ in 100_000 }
        for _ in 0..<20 { device.report() }
        #expect(collector.states.isEmpty)
        #expect(dalloc_agent_counters(device.agent).replies_malformed < 100)
    }

    /// It has the room that was there when it was begun, and no more.
    @Test func acknowledgementsThatMakeRoomDoNotCutOffTheOpenFrame() {
        var wasOpen = 0
        for fill in 540..<660 {
            let collector = TestCollector()
            let device = WatchedDevice(collector, transmit: 2400) { $0.frame_interval = 100_000 }
            device.poll(6)
            collector.bytesPerWrite = 0
            // Frames that wait, until so little room is left.
            while device.agent.pointee.length < 2400 - 660 {
                for _ in 0..<3 { device.act() }
                dalloc_agent_flush(device.agent)
                device.poll()
            }
            while device.agent.pointee.length < 2400 - UInt32(fill) {
                device.act()
                dalloc_agent_flush(device.agent)
                device.poll()
            }
            while device.recorder.pointee.used < 48 { device.act() }
            device.poll()
            if device.agent.pointee.open != nil { wasOpen += 1 }
            collector.bytesPerWrite = .max
            for _ in 0..<60 {
                for _ in 0..<10 { device.act() }
                device.poll()
            }
            device.report()
            dalloc_agent_flush(device.agent)
            device.poll(6)
            #expect(collector.rejected.isEmpty, "\(fill)")
            device.expectExact(collector, "\(fill)")
        }
        #expect(wasOpen > 0)
    }
}
