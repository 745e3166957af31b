// SPDX-License-Identifier: Apache-2.0
//
// The device's clock across sleeps: 32 bits as far as they carry, 64 bits without an end.

import CDalloc
import CDallocAgent
import Dalloc
import DallocAgent
import HeapReplica
import HeapWire
import Testing

struct ClockTests {
    /// Steps that a clock of 32 bits can tell: up to 15/16 of a turn.
    private static let longest: UInt32 = 0xEFFF_FFFF

    /// One minute of a device with a 1 MHz clock, a sleep, and another minute. Returns the ticks of the frames, and
    /// when it slept.
    private static func sleep(
        _ ticks: UInt64, startsAt start: UInt64, isWide: Bool, withOperations: Bool
    ) -> (collector: TestCollector, device: WatchedDevice, sleptAt: UInt64, wokeAt: UInt64) {
        let collector = TestCollector()
        let wide = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
        wide.initialize(to: start)
        let device = WatchedDevice(collector) { config in
            config.ticks_per_second = 1_000_000
            config.now_context = UnsafeMutableRawPointer(wide)
            if isWide {
                config.now = nil
                config.now64 = { $0?.load(as: UInt64.self) ?? 0 }
            } else {
                config.now = { UInt32(truncatingIfNeeded: $0?.load(as: UInt64.self) ?? 0) }
            }
        }
        func live(_ seconds: Int) {
            for second in 0..<seconds {
                if withOperations { second % 2 == 0 ? device.allocate(5, 40) : device.free(5) }
                wide.pointee += 1_000_000
                device.poll(5)
            }
        }
        live(60)
        let slept = wide.pointee
        wide.pointee += ticks
        let woke = wide.pointee
        // First a poll, and then the program's work.
        device.poll(5)
        live(60)
        return (collector, device, slept, woke)
    }

    @Test(arguments: [
        0x7FFF_FFFE, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, 2_400_000_000, 0xC000_0000, 0xEFFF_0000, UInt64(longest),
    ])
    func aSleepOfAlmostATurnIsKnown(ticks: UInt64) {
        for start: UInt64 in [5000, 0x7FFF_FFFF, 0xF000_0000, 0xFFFF_FFFF - 61_000_000] {
            for (isWide, withOperations) in [(false, false), (false, true), (true, false), (true, true)] {
                let (collector, device, _, woke) = Self.sleep(
                    ticks, startsAt: start, isWide: isWide, withOperations: withOperations)
                let seen = collector.states.map(\.tick)
                #expect(seen == seen.sorted())
                #expect(seen.contains(woke), "a frame at once: it is overdue")
                #expect(seen.last.map { $0 > woke && $0 <= woke + 60_000_000 } == true)
                device.expectExact(collector)
                #expect(collector.rejected.isEmpty && collector.verdicts.allSatisfy { $0 == .exact })
            }
        }
    }

    @Test func aWideClockKnowsAnySleep() {
        let years: UInt64 = 86_400_000_000 * 365
        for ticks: UInt64 in [0xF000_0000, 0xFFFF_FFFF, 1 << 32, (1 << 32) + 1, 3 << 32, 5 * years, 1 << 61] {
            let (collector, device, slept, woke) = Self.sleep(
                ticks, startsAt: 77, isWide: true, withOperations: true)
            let seen = collector.states.map(\.tick)
            #expect(seen == seen.sorted())
            #expect(seen.contains(woke))
            #expect(seen.allSatisfy { $0 <= slept || $0 >= woke })
            #expect(seen.last.map { $0 > woke && $0 <= woke + 60_000_000 } == true)
            device.expectExact(collector)
        }
    }

    /// What is recorded after the sleep, before the first poll, and what waited since before it.
    @Test(arguments: [false, true]) func whatIsRecordedAroundASleepKeepsItsTime(isWide: Bool) {
        for ticks: UInt64 in [2_400_000_000, 0xE000_0000] {
            let collector = TestCollector()
            let wide = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
            defer { wide.deallocate() }
            wide.initialize(to: 1_000_000)
            let device = WatchedDevice(collector) { config in
                config.ticks_per_second = 1_000_000
                config.now_context = UnsafeMutableRawPointer(wide)
                config.now = isWide ? nil : { UInt32(truncatingIfNeeded: $0?.load(as: UInt64.self) ?? 0) }
                config.now64 = isWide ? { $0?.load(as: UInt64.self) ?? 0 } : nil
            }
            device.poll(5)
            wide.pointee += 100
            device.allocate(1, 10)
            wide.pointee += ticks
            device.allocate(2, 20)
            wide.pointee += 300
            device.poll(5)
            device.expectExact(collector)
            #expect(collector.states.last?.tick == 1_000_400 + ticks)
            let spans = zip(collector.states, collector.bodies).compactMap { state, body in
                if case .delta(let start) = body { state.tick - start } else { nil }
            }
            #expect(spans == [ticks + 300])
        }
    }

    @Test func aClockThatIsSetBackStandsStillUntilItIsWhereItWas() {
        for isWide in [false, true] {
            for step: UInt64 in [1, 3000, 0x0FFF_FFFF] {
                let collector = TestCollector()
                let wide = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
                defer { wide.deallocate() }
                wide.initialize(to: 1 << 31)
                let device = WatchedDevice(collector) { config in
                    config.now_context = UnsafeMutableRawPointer(wide)
                    config.now = isWide ? nil : { UInt32(truncatingIfNeeded: $0?.load(as: UInt64.self) ?? 0) }
                    config.now64 = isWide ? { $0?.load(as: UInt64.self) ?? 0 } : nil
                }
                device.poll(5)
                wide.pointee -= step
                device.allocate(1, 10)
                device.poll(5)
                dalloc_agent_flush(device.agent)
                device.poll(5)
                #expect(collector.states.last?.tick == 1 << 31)
                wide.pointee += step + 2000
                device.free(1)
                device.poll(5)
                #expect(collector.states.last?.tick == (1 << 31) + 2000)
                device.expectExact(collector)
            }
        }
    }

    @Test func oneClockIsNeeded() {
        let collector = TestCollector()
        let device = WatchedDevice(collector)
        var config = device.agent.pointee.config
        config.now64 = { _ in 0 }
        let agent = UnsafeMutablePointer<dalloc_agent_t>.allocate(capacity: 1)
        defer { agent.deallocate() }
        #expect(dalloc_agent_init(agent, &config) == DALLOC_AGENT_ERROR_CLOCK, "both")
        config.now = nil
        #expect(dalloc_agent_init(agent, &config) == DALLOC_AGENT_OK)
        config.now64 = nil
        #expect(dalloc_agent_init(agent, &config) == DALLOC_AGENT_ERROR_CLOCK, "none")
    }

    @Test func aWideClockBeyondTheFormatEndsWhereThatDoes() {
        let collector = TestCollector()
        let wide = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
        defer { wide.deallocate() }
        wide.initialize(to: 10)
        let device = WatchedDevice(collector) { config in
            config.now_context = UnsafeMutableRawPointer(wide)
            config.now = nil
            config.now64 = { $0?.load(as: UInt64.self) ?? 0 }
        }
        device.poll(5)
        wide.pointee = .max
        device.allocate(1, 10)
        dalloc_agent_flush(device.agent)
        device.poll(5)
        #expect(collector.states.last?.tick == (1 << 62) - 1)
        device.expectExact(collector)
    }
}
