// SPDX-License-Identifier: Apache-2.0
//
// Whatever comes on a line, its diagnosis neither traps nor grows.

import HeapWire
import TestSupport
import Testing

@testable import DallocCollector

struct HostileLineTests {
    @Test(arguments: 1...20) func anythingMayCome(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var line = DiagnosedLine(seconds: 3600, searches: true, endsEarly: false)
        var device = ScriptedDevice()
        for _ in 0..<400 {
            var bytes: [UInt8]
            switch random.below(8) {
            case 0:
                bytes = LineBytes.hello(
                    boot: UInt32(random.below(3)), tick: random.next() >> 2, oldest: UInt32(1 + random.below(9)))
            case 1: bytes = LineBytes.frame(device.keyframe(lost: UInt32(truncatingIfNeeded: random.next())))
            case 2: bytes = LineBytes.frame(device.delta())
            case 3: bytes = LineBytes.frame((0..<random.below(60)).map { _ in UInt8(random.below(256)) } + [3])
            case 4: bytes = Array("console \(random.next())\r\n".utf8)
            case 5: bytes = LineBytes.hello(tick: WireLimits.tick, oldest: .max, isOneWay: random.once(in: 2))
            case 6:
                device.skip(to: UInt32(truncatingIfNeeded: random.next() | 1))
                device.tick = random.next() >> 3
                bytes = LineBytes.frame(device.keyframe())
            default: bytes = (0..<random.below(9000)).map { _ in UInt8(random.below(256)) }
            }
            if random.once(in: 3), !bytes.isEmpty { bytes[random.below(bytes.count)] ^= UInt8(random.below(256)) }
            line.bring(bytes, piece: 1 + random.below(600))
            line.pass(random.below(3) * 500)
        }
        line.end("it is over")
        let report = line.diagnosis.report
        for finding in report.findings { #expect(!finding.sentence.isEmpty) }
        #expect(report.findings.count < 24)
    }

    @Test func aLineOfTextWithoutAnEndIsNotKept() {
        var console = ConsoleText()
        for _ in 0..<1_000_000 { console.note(UInt8(ascii: "x")) }
        console.note(0x0A)
        console.take()
        #expect(console.sample.count == 160)
        #expect(ConsoleText.words(of: console.sample).count == 73)
    }

    @Test func aSequenceThatDoesNotEndIsLeftOut() {
        #expect(ConsoleText.words(of: Array("\u{1B}[31mred\u{1B}[0m and \u{1B}[1;2;3".utf8)) == "red and ")
    }

    @Test func randomBytesAreNoText() {
        var (console, random) = (ConsoleText(), SeededRandom(seed: 9))
        for _ in 0..<500_000 { console.note(UInt8(random.below(256))) }
        console.take()
        #expect(console.lines <= 1)
    }
}
