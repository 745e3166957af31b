// SPDX-License-Identifier: Apache-2.0
//
// The session: what is new, what came before, what is missing.

import HeapHistory
import HeapWire
import Testing

@testable import DallocCollector

struct SessionTests {
    @Test func framesBeforeHelloAreRejected() {
        var session = DeviceSession()
        var device = ScriptedDevice()
        let event = device.keyframe().withUnsafeBufferPointer { session.receive($0, at: RecordedHistory.start) }
        guard case .rejected(.beforeHello) = event else { return #expect(Bool(false), "\(event)") }
        #expect(session.ack == nil)
    }

    @Test func aFrameCountsOnce() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        let first = device.keyframe()
        #expect(try await history.receive(first))
        guard case .duplicate = history.event(first) else { return #expect(Bool(false)) }
        #expect(history.session.ack == Ack(boot: 1, sequence: 1))
    }

    @Test func aMissingFrameOnATwoWayLineIsWaitedFor() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        #expect(try await history.receive(device.keyframe()))
        let (second, third) = (device.delta(), device.delta())
        guard case .outOfOrder = history.event(third) else { return #expect(Bool(false)) }
        #expect(history.session.ack == Ack(boot: 1, sequence: 1))
        #expect(try await history.receive(second))
        #expect(try await history.receive(third))
    }

    @Test func aMissingFrameOnAOneWayLineIsAGapUntilTheNextKeyframe() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello(isOneWay: true))
        var device = ScriptedDevice()
        #expect(try await history.receive(device.keyframe()))
        device.tick = 1010
        device.allocate(8, owner: 0x1000)
        device.loseFrame()
        device.tick = 1020
        device.allocate(16, owner: 0x1004)
        #expect(try await history.receive(device.delta()))
        device.tick = 1030
        #expect(try await history.receive(device.keyframe()))
        let gaps = try await history.gaps()
        #expect(
            gaps == [
                Gap(
                    start: RecordedHistory.time(1000), end: RecordedHistory.time(1030), cause: .lineLoss,
                    operations: nil, frames: 1)
            ])
        await #expect(throws: Problem.self) { try await history.snapshot(.time(RecordedHistory.time(1025))) }
        #expect(try await history.snapshot(.time(RecordedHistory.time(1030))).blocks == device.blocks)
    }

    @Test func aGreetingInAnotherVersionIsAnsweredInOurs() throws {
        let history = try RecordedHistory()
        // Type, version, flags, device, build, boot; then whatever that version has.
        let event = history.event([1, 3, 9, 4, 0x70, 0x75, 0x6D, 0x70, 0, 7, 0xFF, 0xFF])
        guard case .otherVersion(let other) = event else {
            Issue.record("\(event)")
            return
        }
        // The flags say that its line is one-way.
        #expect(other.device == "pump" && other.boot == 7 && other.isOneWay && other.words.contains("newer"))
        guard case .otherVersion(let unreadable) = history.event([1, 1, 0, 1, 0x1B, 0, 7]) else {
            Issue.record("an id that no log can show is no reason to leave a greeting without an answer")
            return
        }
        #expect(unreadable.device == nil && !unreadable.isOneWay && unreadable.words.contains("older"))
        guard case .rejected(.malformed(.unknownVersion)) = history.event([1, 3, 9, 4]) else {
            Issue.record("a greeting without a boot can't be answered")
            return
        }
    }

    @Test func aFrameThatOnlyLaterVersionsKnowIsSkipped() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        for type: UInt8 in [0x20, 0x3F, 0x60] {
            guard case .skipped = history.event([type, 1, 2]) else {
                Issue.record("\(type) may be skipped")
                continue
            }
        }
        for type: UInt8 in [0x1F, 0x41, 0x80, 0xA0] {
            guard case .rejected(.malformed(.unknownFrameType)) = history.event([type, 1, 2]) else {
                Issue.record("\(type) may not be skipped")
                continue
            }
        }
        var device = ScriptedDevice()
        #expect(try await history.receive(device.keyframe()), "a frame that is skipped uses up no number")
    }

    /// Its CRC is right, so that it would be the same when it came again.
    @Test func aKeyframeWhoseEntriesCanNotBeReadUsesUpItsNumber() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        #expect(try await history.receive(device.keyframe()))
        let payload = FrameWriter.payload { writer in
            HeapState(
                sequence: 2, heap: 0, tick: 1001, used: 8, liveBlocks: 1, peak: 8, totals: HeapTotals(allocations: 1),
                lost: 0, digest: 1
            ).writeKeyframe(layout: ScriptedDevice.layout, to: &writer)
            // A size, and half of an owner.
            writer.byte(0b1100_0000)
        }
        #expect(try await history.receive(payload))
        #expect(history.session.ack == Ack(boot: 1, sequence: 2))
        #expect(history.session.request == Request(boot: 1, keyframe: true))
        #expect(try await history.gaps().map(\.cause) == [.digestMismatch])
    }

    @Test func capabilitiesAreUsedThatBothSidesKnow() async throws {
        let history = try RecordedHistory()
        var hello = try ScriptedDevice.hello()
        #expect(hello.capabilities == .none)
        try await history.greet(hello)
        #expect(
            history.session.welcome == Welcome(boot: 1, lastStored: 0), "nothing is said to one that offers nothing")
        hello.capabilities = Capabilities(rawValue: 0xF1)
        history.greetAgain(hello)
        #expect(history.session.welcome == Welcome(boot: 1, lastStored: 0, capabilities: .longReplies))
    }

    @Test func framesThatTheDeviceNoLongerHasAreAGap() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        #expect(try await history.receive(device.keyframe()))
        for _ in 0..<4 { device.loseFrame() }
        try history.greetAgain(ScriptedDevice.hello(oldest: 6))
        // Told what is stored, the device sends the whole table, which nobody would ask for otherwise.
        #expect(history.session.welcome == Welcome(boot: 1, lastStored: 1))
        device.tick = 1050
        #expect(try await history.receive(device.keyframe()))
        #expect(history.session.welcome == Welcome(boot: 1, lastStored: 6))
        let gaps = try await history.gaps()
        #expect(gaps.map(\.cause) == [.lineLoss])
        #expect(gaps.map(\.frames) == [4])
    }

    @Test func anOverflowOfTheRecorderIsAGapOfKnownSize() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        #expect(try await history.receive(device.keyframe()))
        device.tick = 1100
        device.allocate(8, owner: 0x1000)
        #expect(try await history.receive(device.keyframe(lost: 17)))
        let gaps = try await history.gaps()
        #expect(
            gaps == [
                Gap(
                    start: RecordedHistory.time(1000), end: RecordedHistory.time(1100), cause: .recorderOverflow,
                    operations: 17, frames: nil)
            ])
        await #expect(throws: Problem.self) { try await history.snapshot(.time(RecordedHistory.time(1050))) }
        let entry = try #require(try await history.snapshot(.sequence(2)).entries.first)
        #expect(entry.allocatedAt == nil, "when it was allocated is not known")
    }

    @Test func aWrongDigestIsNeverAnsweredAsKnown() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        #expect(try await history.receive(device.keyframe()))
        device.tick = 1010
        #expect(try await history.receive(device.wrongDelta()))
        let problem = await #expect(throws: Problem.self) { try await history.snapshot(.sequence(2)) }
        #expect(problem?.code == .unknownInGap)
        #expect(try await history.gaps().map(\.cause) == [.digestMismatch])
        #expect(try await history.gaps().first?.end == nil, "it lasts")
        #expect(history.session.request == Request(boot: 1, keyframe: true), "the device is asked for its table")
        device.tick = 1020
        #expect(try await history.receive(device.keyframe()))
        #expect(try await history.gaps().first?.end == RecordedHistory.time(1020))
        #expect(history.session.request == nil)
    }

    @Test func aRequestThatWasLostIsMadeAgain() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        #expect(try await history.receive(device.keyframe()))
        #expect(try await history.receive(device.wrongDelta()))
        #expect(history.session.request != nil)
        history.session.requestWasSent()
        var requests = 0
        for _ in 0..<100 {
            device.tick += 1
            #expect(try await history.receive(device.delta()))
            guard history.session.request != nil else { continue }
            requests += 1
            history.session.requestWasSent()
        }
        #expect(requests == 3, "now and then, not with each frame: an answer takes a while")
        #expect(try await history.receive(device.keyframe()))
        #expect(history.session.request == nil)
        #expect(try await history.gaps().first?.end != nil)
    }

    @Test func anotherBootStartsItsOwnHistory() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var first = ScriptedDevice()
        first.allocate(40, owner: 0x1000)
        #expect(try await history.receive(first.keyframe()))
        let rebooted = Timestamp(microseconds: RecordedHistory.start.microseconds + 60_000_000)
        try await history.greet(ScriptedDevice.hello(boot: 2), at: rebooted)
        var second = ScriptedDevice()
        #expect(try await history.receive(second.keyframe()))
        #expect(try await history.snapshot(.time(rebooted)).boot == 2)
        let before = try await history.snapshot(.time(RecordedHistory.time(1000)))
        #expect(before.boot == 1)
        #expect(before.blocks == first.blocks)
    }

    @Test func whatLiesBetweenTwoBootsIsAGap() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var first = ScriptedDevice()
        #expect(try await history.receive(first.keyframe()))
        let last = RecordedHistory.time(1500)
        history.isConnected.set(true)
        #expect(
            try await history.snapshot(.time(last)).time == RecordedHistory.time(1000), "nothing newer is known yet")
        let rebooted = Timestamp(microseconds: RecordedHistory.start.microseconds + 60_000_000)
        try await history.greet(ScriptedDevice.hello(boot: 2), at: rebooted)
        var second = ScriptedDevice()
        #expect(try await history.receive(second.keyframe()))
        let problem = await #expect(throws: Problem.self) { try await history.snapshot(.time(last)) }
        #expect(problem?.code == .unknownInGap)
        let list = try await history.query.gaps(
            device: "pump", heap: nil, since: RecordedHistory.time(0), until: rebooted)
        #expect(
            list.gaps == [
                Gap(
                    start: RecordedHistory.time(1000), end: rebooted, cause: .powerOff, operations: nil, frames: nil)
            ])
    }

    @Test func aKeyframeThatContradictsTheTableLeavesAGapBeforeIt() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        #expect(try await history.receive(device.keyframe()))
        device.allocate(24, owner: 0x1000)
        device.concealOperations()
        device.tick = 1100
        #expect(try await history.receive(device.keyframe()))
        #expect(
            try await history.gaps() == [
                Gap(
                    start: RecordedHistory.time(1000), end: RecordedHistory.time(1100), cause: .digestMismatch,
                    operations: nil, frames: nil)
            ])
        await #expect(throws: Problem.self) { try await history.snapshot(.time(RecordedHistory.time(1050))) }
        #expect(try await history.snapshot(.sequence(2)).entries.count == 1, "the keyframe itself is believed")
        #expect(history.session.request == nil, "there is nothing to ask for")
    }
}

extension SessionTests {
    @Test func aRequestIsDueUntilItWasSent() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        #expect(try await history.receive(device.keyframe()))
        // All in one batch, and the request goes out after it.
        for _ in 0..<20 { #expect(try await history.receive(device.wrongDelta())) }
        #expect(history.session.request == Request(boot: 1, keyframe: true))
        history.session.requestWasSent()
        #expect(history.session.request == nil)
        #expect(try await history.receive(device.wrongDelta()))
        #expect(history.session.request == nil, "it was asked")
    }

    @Test func aTableIsAskedForAfterTheFirstFrameOfAllAlsoWithoutFigures() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello(oldest: 2))
        #expect(history.session.requestOfUnknownTable == nil, "nothing has come")
        #expect(try await history.receive(ScriptedDevice.deltaWithoutFigures(2)))
        #expect(history.session.requestOfUnknownTable == Request(boot: 1, keyframe: true))
        // And in the next body.
        try await history.greet(ScriptedDevice.hello(oldest: 2))
        #expect(history.session.requestOfUnknownTable == Request(boot: 1, keyframe: true))
    }

    /// The device would send it for ever: its CRC is right.
    @Test(arguments: [false, true]) func aFrameWhoseEndCanNotBeReadUsesUpItsNumber(isOneWay: Bool) async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello(isOneWay: isOneWay))
        var device = ScriptedDevice()
        #expect(try await history.receive(device.keyframe()))
        let start = ScriptedDevice.deltaWithoutFigures(2).dropLast(4)
        // An ending longer than the frame, fields that don't fill it, a span without an end, a count of 2^21; and a KEYFRAME of it.
        let figures: [UInt8] = [0, 0, 0, 0x80, 0x80, 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        let ends: [[UInt8]] = [[0, 0, 0, 0x7F], [9, 0, 0, 0, 4], [0x80, 1], figures + [0x80 | 18]]
        for (number, payload) in (ends.map { start + $0 } + [[2] + start.dropFirst() + [1, 2, 3]]).enumerated() {
            var payload = payload
            payload[1] = UInt8(2 + number)
            if isOneWay {
                guard case .rejected(.malformed) = history.event(payload) else {
                    Issue.record("it won't come again, and is lost: \(payload)")
                    continue
                }
                continue
            }
            #expect(try await history.receive(payload), "\(payload)")
            #expect(history.session.ack == Ack(boot: 1, sequence: UInt32(2 + number)))
            guard case .duplicate = history.event(payload) else {
                Issue.record("it is acknowledged again: \(payload)")
                continue
            }
        }
        guard !isOneWay else { return }
        #expect(history.session.request == Request(boot: 1, keyframe: true))
        #expect(try await history.gaps().map(\.cause) == [.digestMismatch])
        device.skip(to: 7)
        #expect(try await history.receive(device.keyframe()))
        #expect(try await history.snapshot(.sequence(7)).blocks == device.blocks)
        let problem = await #expect(throws: Problem.self) { try await history.snapshot(.sequence(4)) }
        #expect(problem?.code == .unknownInGap)
        // A collector that starts again reads the same from its disk.
        try await history.greet(ScriptedDevice.hello())
        #expect(history.session.ack == Ack(boot: 1, sequence: 7))
        #expect(try await history.receive(device.delta()))
        #expect(history.session.request == nil)
    }

    @Test func anImpossibleOperationBeforeAResetIsAGap() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        #expect(try await history.receive(device.keyframe()))
        device.tick = 1100
        device.doTheImpossibleAndReset()
        device.tick = 1200
        #expect(try await history.receive(device.delta()))
        #expect(
            try await history.gaps() == [
                Gap(
                    start: RecordedHistory.time(1000), end: RecordedHistory.time(1200), cause: .digestMismatch,
                    operations: nil, frames: nil)
            ])
        let problem = await #expect(throws: Problem.self) {
            try await history.snapshot(.time(RecordedHistory.time(1150)))
        }
        #expect(problem?.code == .unknownInGap)
        #expect(try await history.snapshot(.sequence(2)).entries.isEmpty)
    }
}
