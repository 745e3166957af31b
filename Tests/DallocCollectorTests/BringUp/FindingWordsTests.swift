// SPDX-License-Identifier: Apache-2.0
//
// What a person reads.

import Testing

@testable import DallocCollector

struct FindingWordsTests {
    private let all: [LineFinding] = [
        .silent(seconds: 15), .console(sample: "boot: hello", baud: 9600), .heldLow(bytes: 90), .sevenBits(bytes: 200),
        .noZero(bytes: 1), .noSoundFrame(damaged: 1, bytes: 80), .wrongSpeed(given: 9600, right: 115_200),
        .noHello(frames: 3, seconds: 70), .malformedHello(why: "it is short"), .otherVersion(words: "HELLO of another"),
        .notHeard(hellos: 2), .silentAfterWelcome, .noHeaps, .collectorFrames(1),
        .damagedFrames(damaged: 3, sound: 97, missing: 2), .consoleAmongFrames(sample: "t = 21", lines: 1),
        .unreadableFrames(2, why: "trailing bytes"), .tablesDiffer(times: 1),
        .operationsLost(40, told: 100, perSecond: 200), .lineFull(bytesPerSecond: 1800, baud: 9600),
        .resets(3, seconds: 9), .repeatedBootID(7), .wrongClock(stated: 1000, measured: 99.6), .lineEnded(why: "gone"),
        .well(frames: 3, isOneWay: false), .oneWay, .unproven(heaps: ["main", "fast"]), .summaries(heaps: ["main"]),
    ]

    @Test func everyFindingIsASentenceAndSaysWhatToDo() {
        #expect(Set(all.map(\.kind)).count == all.count)
        for finding in all {
            #expect(finding.sentence.hasSuffix(".") || finding.sentence.hasSuffix("”"), "\(finding.sentence)")
            #expect(!finding.sentence.contains("\n"))
            if finding.isProblem, finding.kind != "other_version" {
                #expect(!finding.advice.isEmpty, "\(finding.kind)")
            }
            for advice in finding.advice { #expect([".", "?", "l"].contains(advice.suffix(1)), "\(advice)") }
        }
    }

    @Test func theFiguresAreInIt() {
        #expect(
            LineFinding.damagedFrames(damaged: 3, sound: 97, missing: 0).sentence == "3 of 100 frames came damaged.")
        #expect(LineFinding.lineFull(bytesPerSecond: 1800, baud: 9600).sentence.hasSuffix("and 9600 baud carry 960."))
        #expect(LineFinding.wrongClock(stated: 1000, measured: 99.6).sentence.hasSuffix("clock makes 100."))
        #expect(LineFinding.repeatedBootID(7).sentence.contains("00000007"))
        #expect(LineFinding.operationsLost(40, told: 100, perSecond: 200).advice[0].contains("every 240 ms"))
        #expect(LineFinding.noZero(bytes: 1).sentence.hasPrefix("1 byte came"))
    }

    @Test func figuresThatAreNoneAreNoTrap() {
        for number in [Double.nan, .infinity, -.infinity, 1e300, 0, -1] {
            #expect(!LineFinding.operationsLost(.max, told: .max, perSecond: number).advice[0].isEmpty)
            #expect(!LineFinding.lineFull(bytesPerSecond: number, baud: 0).sentence.isEmpty)
            #expect(!LineFinding.wrongClock(stated: 0, measured: number).sentence.isEmpty)
        }
        #expect(!LineFinding.damagedFrames(damaged: .max, sound: .max, missing: .max).sentence.isEmpty)
    }
}
