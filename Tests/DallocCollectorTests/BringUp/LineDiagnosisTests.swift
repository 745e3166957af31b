// SPDX-License-Identifier: Apache-2.0
//
// Each symptom of a line, brought about byte by byte.

import HeapWire
import TestSupport
import Testing

@testable import DallocCollector

struct LineDiagnosisTests {
    // MARK: No frame

    @Test func aLineWithoutBytesIsSilent() {
        var line = DiagnosedLine(searches: true)
        line.pass(14_000)
        #expect(!line.isOver)
        line.pass(2000)
        #expect(line.isOver)
        #expect(line.findings == [.silent(seconds: 15)])
        #expect(line.tuned.isEmpty, "another speed brings no byte either")
    }

    @Test(arguments: [1, 7, 1000]) func textIsAConsoleAndItsColoursAreLeftOut(piece: Int) {
        var line = DiagnosedLine(seconds: 3, searches: true)
        for second in 0..<3 {
            line.bring(Array("\u{1B}[0;32mI (\(second)) wifi: connected\u{1B}[0m\r\nshort\r\n".utf8), piece: piece)
            line.pass(1000)
        }
        #expect(line.isOver)
        #expect(line.findings == [.console(sample: "I (2) wifi: connected", baud: 115_200)])
        #expect(line.tuned.isEmpty, "text is read at the right speed")
    }

    @Test func aLineThatIsHeldLowBringsZeros() {
        var line = DiagnosedLine(seconds: 1)
        line.bring([UInt8](repeating: 0, count: 400) + [0xFE])
        line.pass(2000)
        #expect(line.findings == [.heldLow(bytes: 401)])
    }

    @Test func framesWithoutTheirEighthBitAreTold() {
        var line = DiagnosedLine(seconds: 1)
        for _ in 0..<5 { line.bring(LineBytes.hello(device: "a-device").map { $0 & 0x7F }) }
        line.pass(2000)
        guard case .sevenBits(let bytes) = line.findings.first else {
            Issue.record("\(line.findings)")
            return
        }
        #expect(bytes > 200)
    }

    @Test func bytesWithoutAZeroAreNoFrames() {
        var (line, random) = (DiagnosedLine(seconds: 1), SeededRandom(seed: 1))
        line.bring((0..<9000).map { _ in UInt8.random(in: 1...255, using: &random) })
        line.pass(2000)
        #expect(line.findings == [.noZero(bytes: 9000)])
    }

    @Test func framesThatAreAllDamagedAreCounted() {
        var line = DiagnosedLine(seconds: 1)
        for _ in 0..<4 {
            var bytes = LineBytes.hello()
            bytes[12] ^= 0x41
            line.bring(bytes)
        }
        line.pass(2000)
        let bytes = 4 * LineBytes.hello().count
        #expect(line.findings == [.noSoundFrame(damaged: 4, bytes: bytes)])
        #expect(line.diagnosis.report.rate == nil)
    }

    // MARK: A device that is well

    @Test(arguments: [1, 3, 1000]) func aDeviceThatIsWellIsWelcomedAndNeverAcknowledged(piece: Int) throws {
        var (line, device) = (DiagnosedLine(), ScriptedDevice())
        line.bring([0x17, 0x22, 0] + LineBytes.hello(oldest: 1), piece: piece)
        #expect(line.sent == [.welcome(Welcome(boot: 7, lastStored: 0))])
        line.bring(LineBytes.frame(device.keyframe()), piece: piece)
        for _ in 0..<5 {
            device.tick += 1000
            device.allocate(10, owner: 0x100)
            device.free(0)
            line.pass(1000)
            line.bring(LineBytes.frame(device.delta()), piece: piece)
        }
        #expect(line.isOver)
        #expect(line.findings.first == .well(frames: 5, isOneWay: false), "\(line.findings)")
        #expect(line.sent == [.welcome(Welcome(boot: 7, lastStored: 0))])
        let report = line.diagnosis.report
        #expect(report.isWell)
        #expect(report.damagedFrames == 0)
        let read = try #require(report.device)
        #expect((read.id, read.build, read.boot, read.isOneWay) == ("pump", "1.0", 7, false))
        #expect(read.heaps.map { $0.isProven } == [true])
        #expect(report.load.operationsPerSecond == 2)
    }

    @Test func whatTheDeviceStillHasIsTakenFromItsOldestFrameOn() {
        var (line, device) = (DiagnosedLine(seconds: 5), ScriptedDevice())
        device.skip(to: 50)
        line.bring(LineBytes.hello(oldest: 50))
        #expect(line.sent == [.welcome(Welcome(boot: 7, lastStored: 0))])
        line.bring(LineBytes.frame(device.keyframe()) + LineBytes.frame(device.delta()))
        line.pass(6000)
        #expect(line.problems.isEmpty, "\(line.findings)")
        #expect(line.diagnosis.check.frames == 2)
    }

    @Test func aDeviceIsAskedForItsTableTwiceAtMost() {
        var (line, device) = (DiagnosedLine(seconds: 5), ScriptedDevice())
        line.bring(LineBytes.hello(oldest: 50))
        device.skip(to: 50)
        device.allocate(10, owner: 0x100)
        for _ in 0..<200 { line.bring(LineBytes.frame(device.delta())) }
        #expect(line.sent.dropFirst().allSatisfy { $0 == .request(Request(boot: 7, keyframe: true)) })
        #expect(line.sent.count == 3)
        line.pass(6000)
        #expect(line.findings.contains(.unproven(heaps: ["main"])))
    }

    @Test func aOneWayLineIsWellAndNothingIsSentOnIt() {
        var (line, device) = (DiagnosedLine(), ScriptedDevice())
        line.bring(LineBytes.hello(isOneWay: true) + LineBytes.frame(device.keyframe()))
        for _ in 0..<6 {
            device.tick += 1000
            line.pass(1000)
            line.bring(LineBytes.frame(device.delta()))
        }
        #expect(line.isOver)
        #expect(line.sent.isEmpty)
        #expect(line.findings.first == .well(frames: 5, isOneWay: true))
        #expect(line.findings.contains(.oneWay))
    }

    @Test func itListensToTheEndWhereThatIsAsked() {
        var (line, device) = (DiagnosedLine(seconds: 20, endsEarly: false), ScriptedDevice())
        line.bring(LineBytes.hello() + LineBytes.frame(device.keyframe()))
        device.tick += 2000
        line.bring(LineBytes.frame(device.delta()))
        line.pass(19_000)
        #expect(!line.isOver)
        line.pass(1000)
        #expect(line.isOver)
    }

    // MARK: A device that isn't

    @Test func aDeviceThatDoesNotHearGreetsAgain() {
        var line = DiagnosedLine()
        for greeting in 0..<6 {
            line.bring(LineBytes.hello(tick: 1000 + 2000 * UInt64(greeting)))
            line.pass(2000)
        }
        #expect(line.isOver)
        #expect(line.problems == [.notHeard(hellos: 4)])
        #expect(line.sent.allSatisfy { $0 == .welcome(Welcome(boot: 7, lastStored: 0)) })
    }

    @Test func aDeviceThatRepeatsItsFramesHasHeard() {
        var (line, device) = (DiagnosedLine(), ScriptedDevice())
        let frames = LineBytes.frame(device.keyframe()) + LineBytes.frame(device.delta())
        for greeting in 0..<5 {
            line.bring(LineBytes.hello(tick: 1000 + 2000 * UInt64(greeting)) + frames)
            line.pass(2000)
        }
        #expect(line.problems.isEmpty, "\(line.findings)")
        #expect(line.diagnosis.report.repeatedFrames >= 6)
    }

    @Test func aDeviceThatSaysNothingAfterWelcome() {
        var line = DiagnosedLine(seconds: 4)
        line.bring(LineBytes.hello())
        line.pass(10_000)
        #expect(line.problems == [.silentAfterWelcome])
    }

    @Test func aDeviceWithoutHeaps() {
        var line = DiagnosedLine(seconds: 4)
        line.bring(LineBytes.hello(heaps: []))
        line.pass(10_000)
        #expect(line.problems == [.noHeaps])
    }

    @Test func framesWithoutHelloAreWaitedForUnlessATimeWasGiven() {
        for (seconds, expected) in [(nil, 70_000), (5, 5000)] {
            var (line, device) = (DiagnosedLine(seconds: seconds), ScriptedDevice())
            while !line.isOver, line.now < 100_000 {
                line.bring(LineBytes.frame(device.delta()))
                line.pass(500)
            }
            #expect(abs(line.now - expected) <= 500)
            guard case .noHello(let frames, _)? = line.problems.first else {
                Issue.record("\(line.problems)")
                return
            }
            #expect(frames >= expected / 500)
            #expect(line.sent.isEmpty)
        }
    }

    @Test func damagedFramesAreCountedButThoseThatADeviceGaveUpAreNot() {
        var (line, device) = (DiagnosedLine(), ScriptedDevice())
        func damaged() -> [UInt8] {
            var bytes = LineBytes.frame(device.keyframe())
            bytes[4] ^= 0x10
            return bytes
        }
        // Joined in the midst, and given up before HELLO.
        line.bring(damaged() + LineBytes.hello() + LineBytes.frame(device.keyframe()))
        line.bring(damaged() + LineBytes.hello(tick: 1001))
        #expect(line.problems.isEmpty)
        line.bring(damaged() + damaged() + LineBytes.frame(device.delta()))
        line.stop()
        #expect(line.problems.first == .damagedFrames(damaged: 2, sound: 4, missing: 0))
    }

    @Test func aLineMayBeJoinedInTheMidstOfAFrame() {
        var (line, device) = (DiagnosedLine(), ScriptedDevice())
        line.bring(Array(LineBytes.frame(device.keyframe()).dropFirst(5)) + LineBytes.frame(device.delta()))
        line.stop()
        #expect(line.diagnosis.report.damagedFrames == 0)
    }

    @Test func textInASoundFrameIsNoConsole() {
        var line = DiagnosedLine()
        let experiment: [UInt8] = [0x3C] + Array("temperature is 21.5\r\n".utf8)
        line.bring(LineBytes.hello() + LineBytes.frame(experiment) + LineBytes.frame(experiment))
        line.stop()
        #expect(line.problems == [.silentAfterWelcome], "\(line.problems)")
    }

    @Test func framesThatAreMissingOnAOneWayLineAreCounted() {
        var (line, device) = (DiagnosedLine(), ScriptedDevice())
        device.skip(to: 40)
        line.bring(LineBytes.hello(isOneWay: true) + LineBytes.frame(device.keyframe()))
        line.bring(LineBytes.frame(device.delta()))
        #expect(line.problems.isEmpty)
        for _ in 0..<3 { device.loseFrame() }
        line.bring(LineBytes.frame(device.keyframe()))
        line.stop()
        #expect(line.problems == [.damagedFrames(damaged: 0, sound: 4, missing: 3)])
    }

    @Test(arguments: [1, 1000]) func aConsoleOnTheSameLineIsTold(piece: Int) {
        var (line, device) = (DiagnosedLine(), ScriptedDevice())
        line.bring(LineBytes.hello() + LineBytes.frame(device.keyframe()), piece: piece)
        for _ in 0..<3 {
            line.bring(Array("temperature is 21.5\r\n".utf8) + LineBytes.frame(device.delta()), piece: piece)
            line.bring(LineBytes.frame(device.delta()), piece: piece)
        }
        line.stop()
        #expect(line.problems.contains(.consoleAmongFrames(sample: "temperature is 21.5", lines: 3)))
    }

    @Test func operationsThatWereNotRecordedAreTold() {
        var (line, device) = (DiagnosedLine(), ScriptedDevice())
        line.bring(LineBytes.hello() + LineBytes.frame(device.keyframe()))
        device.tick += 2000
        device.allocate(8, owner: 0x100)
        line.bring(LineBytes.frame(device.delta()))
        device.concealOperations()
        line.bring(LineBytes.frame(device.keyframe(lost: 30)))
        line.stop()
        #expect(line.problems == [.operationsLost(30, told: 1, perSecond: 0.5)])
    }

    @Test func whatASummaryLeavesOutIsNotLost() {
        var (line, device) = (DiagnosedLine(), ScriptedDevice())
        line.bring(LineBytes.hello() + LineBytes.frame(device.keyframe()))
        line.bring(LineBytes.frame(device.work()))
        line.stop()
        #expect(line.problems.isEmpty, "\(line.problems)")
        #expect(line.findings.contains(.summaries(heaps: ["main"])))
    }

    @Test func aTableThatDiffersIsTold() {
        var (line, device) = (DiagnosedLine(), ScriptedDevice())
        line.bring(LineBytes.hello() + LineBytes.frame(device.keyframe()))
        line.bring(LineBytes.frame(device.wrongDelta()))
        line.stop()
        #expect(line.problems == [.tablesDiffer(times: 1)])
        #expect(line.sent.last == .request(Request(boot: 7, keyframe: true)))
    }

    @Test func aLineThatIsTooSlowIsTold() {
        var (line, device) = (DiagnosedLine(baud: 1200), ScriptedDevice())
        line.bring(LineBytes.hello() + LineBytes.frame(device.keyframe()))
        for _ in 0..<100 {
            for _ in 0..<20 {
                device.tick += 1
                device.allocate(8, owner: 0x100)
                device.free(0)
            }
            line.bring(LineBytes.frame(device.delta()))
        }
        line.stop()
        guard case .lineFull(let bytes, 1200)? = line.problems.first else {
            Issue.record("\(line.findings)")
            return
        }
        #expect(bytes > 120)
    }

    @Test func aHelloThatCannotBeReadSaysWhy() {
        var line = DiagnosedLine(seconds: 2)
        line.bring(LineBytes.hello(device: "pump\u{1B}[31m"))
        line.pass(20_000)
        #expect(line.isOver)
        #expect(
            line.problems == [.malformedHello(why: "its device id is no UTF-8, or has control characters")])
        line = DiagnosedLine()
        line.bring(LineBytes.hello(device: String(repeating: "x", count: 65)))
        line.stop()
        #expect(line.problems == [.malformedHello(why: "its device id has 65 bytes, and may have 1 to 64")])
    }

    @Test func anotherVersionEndsIt() {
        var line = DiagnosedLine()
        line.bring(LineBytes.hello(version: 9))
        line.pass(5000)
        #expect(line.isOver)
        guard case .otherVersion(let words)? = line.problems.first else {
            Issue.record("\(line.findings)")
            return
        }
        #expect(words.contains("newer HeapWire"))
        #expect(line.sent == [.welcome(Welcome(boot: 7, lastStored: 0))])
    }

    @Test func anEchoIsTold() {
        var line = DiagnosedLine()
        line.bring(LineBytes.hello() + FrameWriter.line { Welcome(boot: 7, lastStored: 0).write(to: &$0) })
        line.stop()
        #expect(line.problems.contains(.collectorFrames(1)))
    }

    @Test func resetsAreCountedAndTheSameBootIDAgainIsTold() {
        var (line, device) = (DiagnosedLine(seconds: 20, endsEarly: false), ScriptedDevice())
        line.bring(LineBytes.hello(boot: 1, tick: 9000) + LineBytes.frame(device.keyframe()))
        line.bring(LineBytes.hello(boot: 2))
        #expect(
            line.problems.allSatisfy { if case .resets = $0 { false } else { true } }, "opening the port may reset it")
        line.pass(5000)
        line.bring(LineBytes.hello(boot: 2, tick: 10))
        line.pass(5000)
        #expect(line.problems.contains(.resets(2, seconds: 10)), "\(line.problems)")
        #expect(line.problems.contains(.repeatedBootID(2)))
    }

    @Test func aClockThatIsNotAsHelloSaysIsTold() {
        for (ticks, isWrong) in [(2000, false), (2400, false), (200, true), (32_768, true)] as [(UInt64, Bool)] {
            var (line, device) = (DiagnosedLine(), ScriptedDevice())
            let frames = LineBytes.frame(device.keyframe()) + LineBytes.frame(device.delta())
            for greeting in 0..<8 {
                line.bring(LineBytes.hello(tick: 1000 + ticks * UInt64(greeting)) + frames)
                line.pass(2000)
            }
            #expect(line.isOver)
            #expect(line.problems.isEmpty != isWrong, "\(ticks) \(line.problems)")
        }
    }

    @Test func aLineThatGoesAwayIsTold() {
        var line = DiagnosedLine()
        line.bring(LineBytes.hello())
        line.end("Input/output error")
        #expect(line.isOver)
        #expect(line.problems.first == .lineEnded(why: "Input/output error"))
    }

    @Test func whoStopsItSeesWhatWasFoundUntilThen() {
        var line = DiagnosedLine()
        line.pass(3000)
        line.stop()
        #expect(line.isOver)
        #expect(line.findings == [.silent(seconds: 3)])
        line.bring(LineBytes.hello())
        #expect(line.findings == [.silent(seconds: 3)], "it is over")
    }
}
