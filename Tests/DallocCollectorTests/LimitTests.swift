// SPDX-License-Identifier: Apache-2.0
//
// What one peer may take of the collector.

import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import DallocCollector

struct LimitTests {
    private func second(_ number: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(number) }

    @Test func aBurstPassesAndTheRateHoldsInTheLongRun() {
        var bucket = TokenBucket(rate: 1000, at: second(0))
        #expect(bucket.take(4000, at: second(0)) == .zero, "what was saved up")
        #expect(bucket.take(500, at: second(0)) == .milliseconds(500))
        #expect(bucket.take(0, at: second(1)) == .zero)
        // A sender that waits as it is told gets its rate, whatever the size of what it sends.
        var now = second(100)
        var sent = 0
        while now < second(200) {
            sent += 700
            let wait = bucket.take(700, at: now)
            now = now + .nanoseconds(Int64(wait / .nanoseconds(1)))
            if wait == .zero { now = now + .milliseconds(1) }
        }
        #expect((100_000...105_400).contains(sent))
    }

    @Test func aClockThatStandsStillOrTurnsBackGivesNothing() {
        var bucket = TokenBucket(rate: 10, at: second(100))
        #expect(bucket.take(40, at: second(100)) == .zero)
        #expect(bucket.take(10, at: second(50)) == .seconds(1))
        #expect(bucket.take(10, at: second(100)) == .seconds(2))
    }

    private func line(_ address: String) -> Line {
        Line(peer: "tcp \(address):1", address: address, channel: EmbeddedChannel())
    }

    @Test func connectionsBeyondALimitAreTurnedAwayUntilOneEnds() throws {
        var limits = IngestLimits()
        (limits.connections, limits.connectionsPerAddress) = (3, 2)
        let connections = ConnectionTable(limits: limits, log: PeerLog(logger: Logger(label: "test")))
        let first = line("10.0.0.1")
        #expect(connections.admit(first) == nil)
        #expect(connections.admit(line("10.0.0.1")) == nil)
        #expect(connections.admit(line("10.0.0.1")) == .address)
        #expect(connections.admit(line("10.0.0.2")) == nil)
        #expect(connections.admit(line("10.0.0.3")) == .connections)
        connections.remove(first)
        connections.remove(first)
        #expect(connections.admit(line("10.0.0.3")) == nil)
        #expect(connections.admit(line("10.0.0.4")) == .connections)
    }

    @Test func anAddressPaysForAllItsConnections() {
        var limits = IngestLimits()
        limits.addressRate = 1000
        let connections = ConnectionTable(limits: limits, log: PeerLog(logger: Logger(label: "test")))
        let (one, other, stranger) = (line("10.0.0.1"), line("10.0.0.1"), line("10.0.0.2"))
        for line in [one, other, stranger] { #expect(connections.admit(line) == nil) }
        #expect(connections.take(4000, from: one) == .zero)
        #expect(connections.take(2000, from: other) > .seconds(1))
        #expect(connections.take(2000, from: stranger) == .zero)
    }

    @Test func silentConnectionsAreClosedAndOthersAreNot() {
        var limits = IngestLimits()
        (limits.greetingTimeout, limits.idleTimeout) = (30, 600)
        let connections = ConnectionTable(limits: limits, log: PeerLog(logger: Logger(label: "test")))
        let (mute, greeted) = (line("10.0.0.1"), line("10.0.0.2"))
        for line in [mute, greeted] { #expect(connections.admit(line) == nil) }
        greeted.greet()
        let start = mute.opened
        connections.closeSilent(at: start + .seconds(29))
        #expect(mute.end == nil)
        connections.closeSilent(at: start + .seconds(32))
        #expect(mute.end == .noGreeting)
        #expect(greeted.end == nil)
        connections.closeSilent(at: start + .seconds(590))
        #expect(greeted.end == nil)
        connections.closeSilent(at: start + .seconds(602))
        #expect(greeted.end == .idle)
    }

    @Test func sequenceNumbersInAnyOrderBecomeRuns() {
        for step in [1, 2, 97, 299] {
            // Every number once, in another order for each step, as none has a divisor in common with 301.
            let numbers = (0..<301).map { UInt32($0 * step % 301) }.filter { $0 > 0 && $0 % 50 != 0 }
            var runs = SequenceRuns()
            for number in numbers + numbers.prefix(40) { runs.insert(number) }
            #expect(runs.runs.count == 6)
            #expect(runs.holes == [50..<51, 100..<101, 150..<151, 200..<201, 250..<251])
        }
    }
}
