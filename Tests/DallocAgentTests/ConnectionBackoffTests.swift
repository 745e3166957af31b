// SPDX-License-Identifier: Apache-2.0
//
// A connection that is dead, or leads to somebody else, is ended; and the next one is not at once. A line that can't
// be reset is greeted for as long as it takes.

import CDalloc
import CDallocAgent
import Dalloc
import DallocAgent
import HeapReplica
import HeapWire
import Testing

struct ConnectionBackoffTests {
    private static func connection() -> TestCollector {
        let collector = TestCollector()
        collector.isConnection = true
        return collector
    }

    private static func links(_ device: WatchedDevice) -> UInt32 { dalloc_agent_counters(device.agent).links_lost }

    /// Polls every 10 ms. Returns the milliseconds until something happened; nil after `limit`.
    private static func pollUntil(
        _ device: WatchedDevice, limit: UInt32 = 200_000, _ hasHappened: () -> Bool
    ) -> UInt32? {
        let start = device.now
        while device.now &- start <= limit {
            device.poll()
            if hasHappened() { return device.now &- start }
            device.now &+= 10
        }
        return nil
    }

    // MARK: - Dead connections

    @Test func aConnectionThatNeverAnswersIsEndedAfterAFewGreetings() {
        let collector = Self.connection()
        collector.answers = false
        let device = WatchedDevice(collector)
        #expect(Self.pollUntil(device) { collector.resets == 1 } == 8000)
        #expect(collector.hellos == 4, "one every two seconds")
        #expect(Self.links(device) == 1)
    }

    @Test func aConnectionThatDiesLaterLosesNothing() {
        let collector = Self.connection()
        collector.healsAtReset = true
        let device = WatchedDevice(collector)
        for _ in 0..<100 {
            device.act()
            device.report()
        }
        device.now += 200 - device.now % 200
        collector.isHalfOpen = true
        let died = device.now
        let ended = Self.pollUntil(device) {
            Self.work(device)
            return collector.resets == 1
        }
        #expect((ended ?? 0) <= 12_000, "a frame is a second away, is missed after two more, and greetings for eight")
        let isBack = Self.pollUntil(device) {
            Self.work(device)
            return device.now &- died > 13_000 && dalloc_agent_is_drained(device.agent)
        }
        #expect(isBack != nil)
        device.expectExact(collector)
        #expect(dalloc_agent_counters(device.agent).operations_lost == 0)
        #expect(collector.verdicts.allSatisfy { $0 == .exact })
        #expect(collector.states.map(\.sequence) == Array(1...UInt32(collector.states.count)))
        #expect(collector.gaps == 0)
    }

    @Test func aCollectorThatRefusesIsGivenTheTimeThatItAsksFor() {
        let collector = Self.connection()
        let device = WatchedDevice(collector)
        device.report()
        collector.send { Refuse(boot: 77, wait: 30_000, reason: .sameID).write(to: &$0) }
        device.poll()
        #expect(dalloc_agent_counters(device.agent).refusals == 1)
        collector.send { Refuse(boot: 76, wait: 60_000, reason: .sameID).write(to: &$0) }
        device.poll()
        #expect(dalloc_agent_counters(device.agent).refusals == 1, "it is of another boot")
        let wait = Self.waitAfterLoss(device, collector)
        #expect((15_000...30_010).contains(wait ?? 0), "\(wait ?? 0): up to a half less, by chance")
    }

    /// Where the first wait would be due otherwise.
    @Test(arguments: [true, false]) func aWaitCountsAlsoAfterALongConnection(isLastWord: Bool) {
        let collector = Self.connection()
        let device = WatchedDevice(collector)
        let end = device.now &+ 120_000
        while device.now < end {
            device.now &+= 10
            Self.work(device)
            device.poll()
        }
        collector.send { Refuse(boot: 77, wait: 12_000, reason: .shutdown).write(to: &$0) }
        device.poll()
        // The collector has gone on after all.
        if !isLastWord {
            device.allocate(98, 20)
            device.report()
        }
        let wait = Self.waitAfterLoss(device, collector)
        #expect((isLastWord ? 6000...12_010 : 500...1010).contains(wait ?? 0), "\(wait ?? 0)")
    }

    @Test func aCollectorCanNotSendADeviceAwayForLongerThanItsLimit() {
        let collector = Self.connection()
        let device = WatchedDevice(collector)
        device.report()
        collector.send { Refuse(boot: 77, wait: .max, reason: .shutdown).write(to: &$0) }
        device.poll()
        let wait = Self.waitAfterLoss(device, collector)
        #expect((30_000...60_010).contains(wait ?? 0), "\(wait ?? 0)")
    }

    /// Ticks from the loss of the line to the next HELLO.
    private static func waitAfterLoss(_ device: WatchedDevice, _ collector: TestCollector) -> UInt32? {
        collector.isUp = false
        device.poll()
        collector.isUp = true
        let hellos = collector.hellos
        return pollUntil(device) { collector.hellos > hellos }
    }

    /// Five operations a second.
    private static func work(_ device: WatchedDevice) {
        guard device.now % 200 == 0 else { return }
        if device.variables[99] == nil { device.allocate(99, 20) } else { device.free(99) }
    }

    /// It answers greetings, and acknowledges nothing: another connection may lead to one that does.
    @Test func aCollectorThatStoresNothingIsLeftAfterHalfAMinute() {
        let collector = Self.connection()
        let device = WatchedDevice(collector)
        device.report()
        collector.isFull = true
        let ended = Self.pollUntil(device) {
            Self.work(device)
            return collector.resets == 1
        }
        #expect(ended.map { (30_000...32_000).contains($0) } == true)
        // An acknowledgement that is lost is none of its own: WELCOME says the same.
        let forgetful = Self.connection()
        forgetful.acknowledges = false
        let other = WatchedDevice(forgetful)
        let lost = Self.pollUntil(other) {
            Self.work(other)
            return forgetful.resets > 0
        }
        #expect(lost == nil)
    }

    @Test func theTimeoutsAreTheConfigurations() {
        let collector = Self.connection()
        collector.answers = false
        let device = WatchedDevice(collector) { ($0.reply_timeout, $0.greeting_timeout) = (100, 350) }
        #expect(Self.pollUntil(device) { collector.resets == 1 } == 350)
        let deaf = Self.connection()
        deaf.isFull = true
        let other = WatchedDevice(deaf) { $0.ack_timeout = 1500 }
        #expect(Self.pollUntil(other) { deaf.resets == 1 } == 1500)
        let slow = Self.connection()
        slow.answers = false
        let third = WatchedDevice(slow) { $0.reply_timeout = 5000 }
        #expect(Self.pollUntil(third) { slow.resets == 1 } == 20_000, "four greetings, whatever their interval")
    }

    @Test func aLinkThatTakesNothingIsEndedToo() {
        let collector = Self.connection()
        collector.bytesPerWrite = 0
        let device = WatchedDevice(collector)
        #expect(Self.pollUntil(device) { collector.resets == 1 } == 8000)
    }

    @Test func aLineThatIsSimplyThereIsGreetedForever() {
        let collector = TestCollector()
        collector.answers = false
        let device = WatchedDevice(collector)
        #expect(Self.pollUntil(device, limit: 100_000) { Self.links(device) > 0 } == nil)
        #expect((50...51).contains(collector.hellos))
        collector.answers = true
        #expect(Self.pollUntil(device) { !collector.states.isEmpty }.map { $0 <= 2000 } == true)
        #expect(collector.resets == 0)
    }

    // MARK: - The waits

    /// Ends each connection as soon as it is there, and returns the milliseconds between.
    private static func waits(_ count: Int, boot: UInt32, _ change: (inout dalloc_agent_config_t) -> Void) -> [UInt32] {
        let collector = connection()
        let device = WatchedDevice(collector, boot: boot, change)
        _ = pollUntil(device) { collector.hellos > 0 }
        return (0..<count).map { _ in
            collector.isUp = false
            device.poll()
            collector.isUp = true
            let next = collector.hellos
            return pollUntil(device) { collector.hellos > next } ?? 0
        }
    }

    @Test func waitsDoubleUpToTheLimitAndAreShortenedByUpToAHalf() {
        for boot in 1...50 as ClosedRange<UInt32> {
            let waits = Self.waits(9, boot: boot) { _ in }
            for (wait, whole) in zip(waits, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]) {
                #expect((UInt32(whole) / 2...UInt32(whole) + 10).contains(wait))
            }
        }
        let configured = Self.waits(5, boot: 7) { ($0.retry_interval, $0.retry_limit) = (100, 500) }
        for (wait, whole) in zip(configured, [100, 200, 400, 500, 500]) {
            #expect((UInt32(whole) / 2...UInt32(whole) + 10).contains(wait))
        }
    }

    @Test func waitsAreTheSameForTheSameBootAndOthersForOthers() {
        #expect(Self.waits(6, boot: 5) { _ in } == Self.waits(6, boot: 5) { _ in })
        let first = (0..<100).map { Self.waits(1, boot: $0) { _ in }[0] }
        #expect(Set(first).count > 30, "spread over half a second")
        let other: StaticString = "pump-18"
        let name = UnsafeRawPointer(other.utf8Start).assumingMemoryBound(to: CChar.self)
        #expect(
            Self.waits(6, boot: 5) { _ in } != Self.waits(6, boot: 5) { $0.device_id = name },
            "devices that count their boots have the same numbers")
    }

    @Test func aConnectionThatWasOfUseForLongBeginsAnew() {
        let collector = Self.connection()
        let device = WatchedDevice(collector)
        for seconds in [1, 1, 1, 1, 300, 1] as [UInt32] {
            let streaming: UInt8 = 3
            _ = Self.pollUntil(device) { device.agent.pointee.state == streaming }
            for _ in 0..<seconds {
                device.act()
                device.report()
            }
            collector.isUp = false
            device.poll()
            collector.isUp = true
            #expect(device.agent.pointee.retry_wait <= (seconds == 300 ? 1000 : 16_000))
            if seconds == 300 { #expect(!device.agent.pointee.displaced_told) }
        }
        #expect(device.agent.pointee.retry_wait >= 1000, "the one after that waits longer again")
    }

    /// Each is welcomed and displaces the other. With the same boot id, too, as clones have.
    @Test(arguments: [78, 77] as [UInt32]) func twinsDisplaceEachOtherEverMoreSeldom(boot: UInt32) {
        let twins = [(Self.connection(), UInt32(77)), (Self.connection(), boot)].map {
            (collector: $0.0, device: WatchedDevice($0.0, boot: $0.1))
        }
        twins.forEach { $0.collector.isUp = false }
        var (hellos, connected, minutes) = ([0, 0], -1, [Int](repeating: 0, count: 30))
        for tick in 0..<30 * 60_000 / 10 {
            for (index, twin) in twins.enumerated() {
                // Up for whoever asks; a new HELLO is a new connection, which ends the other's.
                twin.collector.isUp = index == connected || twin.device.agent.pointee.state != 3
                if tick % 50 == 0 { twin.device.act() }
                twin.device.now &+= 10
                twin.device.poll()
                guard twin.collector.hellos > hellos[index] else { continue }
                hellos[index] = twin.collector.hellos
                minutes[tick / 6000] += 1
                connected = index
            }
        }
        #expect(minutes[0] <= 20)
        #expect(minutes[3...].allSatisfy { $0 <= 4 }, "\(minutes)")
        #expect(minutes[3...].reduce(0, +) > 10, "neither gives up")
        #expect(twins.allSatisfy { $0.device.agent.pointee.displaced_told })
    }

    // MARK: - Somebody else's port

    @Test func whoDoesNotSpeakTheFormatIsLeftAtOnce() {
        let collector = Self.connection()
        collector.answers = false
        let device = WatchedDevice(collector)
        device.poll(2)
        collector.send(Array("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".utf8))
        device.poll(2)
        #expect(collector.resets == 1)
        #expect(device.agent.pointee.stray_told)
    }

    /// A frame of a later collector, which this agent skips.
    @Test func whoSaysWhatOnlyLaterAgentsKnowIsACollector() {
        let collector = Self.connection()
        collector.answers = false
        let device = WatchedDevice(collector)
        device.poll(2)
        for _ in 0..<9 { collector.send(FrameWriter.line { for byte: UInt8 in [0x70, 1, 2, 3] { $0.byte(byte) } }) }
        device.poll(5)
        #expect(collector.resets == 0 && dalloc_agent_counters(device.agent).replies_malformed == 0)
    }

    @Test func theLongestReplyIsNotTooLongForOne() {
        let collector = Self.connection()
        let device = WatchedDevice(collector)
        device.report()
        // A zero before it, and no zero after it yet.
        let longest = FrameWriter.line { writer in for _ in 0..<WireLimits.reply { writer.byte(0x43) } }
        #expect(longest.count == 32)
        collector.isUp = false
        device.poll()
        (collector.isUp, collector.answers) = (true, false)
        let resets = collector.resets
        let hellos = collector.hellos
        #expect(Self.pollUntil(device) { collector.hellos > hellos } != nil)
        collector.send([0] + longest.dropLast())
        device.poll(2)
        #expect(collector.resets == resets)
    }

    @Test func aFewBrokenRepliesAreNoReason() {
        let collector = Self.connection()
        collector.answers = false
        let device = WatchedDevice(collector)
        device.poll(2)
        collector.send([7, 1, 2, 3, 4, 5, 6, 0, 5, 9, 9, 0, 1])
        device.poll(5)
        collector.answers = true
        device.now &+= 2000
        device.poll(5)
        #expect(collector.resets == 0 && !collector.states.isEmpty)
        // From now on it is a collector, whatever it says.
        collector.send((0..<200).map { _ in .random(in: 1...255) } + [0])
        device.poll(20)
        #expect(collector.resets == 0)
        #expect(!device.agent.pointee.stray_told)
    }
}
