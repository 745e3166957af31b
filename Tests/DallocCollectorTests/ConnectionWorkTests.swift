// SPDX-License-Identifier: Apache-2.0
//
// What a connection's frames may cost, however short they are.

import HeapHistory
import HeapWire
import Testing

@testable import DallocCollector

struct ConnectionWorkTests {
    @Test func othersHaveTheirTurnAfterEachFrameThatIsMuchWork() async throws {
        let site = try BodySite()
        var frames = BusyFrames()
        let start = frames.hello + frames.table()
        let (end, tally) = await site.take(start, (0..<6).flatMap { _ in frames.frame() })
        #expect(end == nil && tally.makeReport().frames == 10)
        // The greeting, what follows it, and the frames one by one.
        #expect(site.history.portions >= 2 + 6)
        #expect(site.metrics.throttled.value == 0, "at the standard rate that much is left to a device")
    }

    @Test func aPeerWhoseBytesAreMuchWorkIsReadLater() async throws {
        var limits = IngestLimits()
        // Four seconds of it are 30 million steps.
        limits.deviceRate = 75_000
        let site = try BodySite(limits: limits)
        var frames = BusyFrames()
        let start = frames.hello + frames.table()
        let (end, tally) = await site.take(start + (0..<7).flatMap { _ in frames.frame() })
        #expect(end == nil && tally.makeReport().frames == 11)
        #expect(site.metrics.throttled.value > 0)
        #expect(site.metrics.receivedBytes.value < limits.deviceRate)
    }

    @Test func aGreetingIsChargedWithWhatItReplays() async throws {
        let site = try BodySite()
        var frames = BusyFrames()
        #expect(await site.take(frames.hello + frames.table() + frames.frame()).end == nil)
        var greeting = frames.greeting
        greeting.tick = 1000
        let payload = FrameWriter.payload { greeting.write(to: &$0) }
        let hello = try payload.withUnsafeBufferPointer { try DeviceHello(payload: $0) }
        var session = DeviceSession()
        session.open(try await site.recorded.store.openBoot(hello, link: "test", at: .now), hello: hello)
        #expect(session.takeSteps() >= BusyFrames.steps)
        #expect(session.takeSteps() == 0)
    }
}
