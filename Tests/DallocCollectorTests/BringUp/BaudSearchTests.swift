// SPDX-License-Identifier: Apache-2.0
//
// No frame at the given speed: which others are tried, and what is said.

import HeapWire
import TestSupport
import Testing

@testable import DallocCollector

struct BaudSearchTests {
    /// A device that speaks at one speed; at others its bytes are random ones.
    private func listen(
        baud: UInt32, device speed: UInt32?, impossible: Set<UInt32> = [], _ bytes: (Int) -> [UInt8]
    ) -> DiagnosedLine {
        var (line, random) = (DiagnosedLine(baud: baud, searches: true), SeededRandom(seed: 3))
        line.impossible = impossible
        var turn = 0
        while !line.isOver, line.now < 200_000 {
            let sent = bytes(turn)
            line.bring(line.rate == speed ? sent : sent.map { _ in UInt8.random(in: 0...255, using: &random) })
            line.pass(1000)
            turn += 1
        }
        return line
    }

    private func greeting(_ turn: Int) -> [UInt8] {
        turn % 2 == 0 ? LineBytes.hello(tick: 1000 * UInt64(turn)) : []
    }

    @Test func everyUsualSpeedIsTriedOnceTheMostUsualFirst() {
        let line = listen(baud: 57_600, device: nil, greeting)
        #expect(line.isOver)
        #expect(line.tuned.prefix(3) == [115_200, 921_600, 9600])
        #expect(Set(line.tuned).union([57_600]) == Set(BaudSearch.usual))
        #expect(line.tuned.count == BaudSearch.usual.count - 1)
        #expect(BaudSearch.usual.allSatisfy { (try? SerialPort.Speed(baud: $0)) != nil })
        #expect(
            line.problems.map(\.kind).allSatisfy { ["no_zero", "no_sound_frame"].contains($0) }, "\(line.problems)")
        #expect(line.diagnosis.report.triedRates == [57_600] + line.tuned)
    }

    @Test func theSpeedThatBringsFramesIsTold() {
        let line = listen(baud: 115_200, device: 9600, greeting)
        #expect(line.tuned == [921_600, 9600])
        #expect(line.problems.first == .wrongSpeed(given: 115_200, right: 9600))
        #expect(line.problems.dropFirst().allSatisfy { if case .notHeard = $0 { true } else { false } })
        let report = line.diagnosis.report
        #expect((report.rate, report.baud, report.damagedFrames) == (9600, 115_200, 0))
    }

    @Test func aSpeedThatTheAdapterCannotDoIsPassedOver() {
        let line = listen(baud: 115_200, device: 9600, impossible: [921_600], greeting)
        #expect(line.tuned == [9600])
        #expect(line.diagnosis.report.triedRates == [115_200, 9600])
        #expect(line.problems.first == .wrongSpeed(given: 115_200, right: 9600))
    }

    @Test func textAtAnotherSpeedIsAConsole() {
        let line = listen(baud: 115_200, device: 9600) { Array("line \($0) of a boot log\r\n".utf8) }
        #expect(line.tuned == [921_600, 9600])
        guard case .console(let sample, 9600)? = line.problems.first else {
            Issue.record("\(line.problems)")
            return
        }
        #expect(sample.hasSuffix("of a boot log"))
    }

    @Test func nothingIsTriedOnceAFrameCame() {
        var line = DiagnosedLine(searches: true)
        line.bring(LineBytes.hello())
        for _ in 0..<20 {
            line.bring([1, 2, 3, 0])
            line.pass(1000)
        }
        #expect(line.tuned.isEmpty)
    }
}
