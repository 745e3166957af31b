// SPDX-License-Identifier: Apache-2.0
//
// The doctor with its real binary, on real ptys, with devices that are well and devices that aren't.

import Foundation
import GRDB
import HeapWire
import TestSupport
import Testing

@Suite(.serialized)
struct DoctorTests {
    private struct Report: Decodable {
        struct Finding: Decodable {
            var kind: String
            var isProblem: Bool
            var sentence: String
            var advice: [String]
        }
        struct Frames: Decodable { var sound, damaged, repeated, missing: Int }
        struct Device: Decodable { var id, build: String }
        var rate: UInt32?
        var triedRates: [UInt32]
        var bytes: Int
        var frames: Frames
        var device: Device?
        var findings: [Finding]
        var isWell: Bool

        var kinds: [String] { findings.map(\.kind) }
        var problems: [String] { findings.filter(\.isProblem).map(\.kind) }
    }

    private func simulator(_ scratch: Scratch, _ more: [String] = []) async throws -> Program {
        let program = try Program(
            "dalloc-simulator", ["--pty", scratch["tty"], "--name", "pump", "--build", "1.4.2"] + more, in: scratch)
        try await wait(for: "the pty") {
            guard program.isRunning else { throw TimedOut(description: "the simulator ended: \(program.errors)") }
            return FileManager.default.fileExists(atPath: scratch["tty"])
        }
        return program
    }

    private func doctor(_ line: String, _ more: [String] = [], _ scratch: Scratch) throws -> Program {
        try Program("dalloc-collector", ["doctor", "--serial", line] + more, in: scratch)
    }

    private func report(
        _ line: String, _ more: [String] = [], _ scratch: Scratch, status: Int32 = 65
    ) async throws -> Report {
        try await finished(doctor(line, ["--format", "json"] + more, scratch), status: status)
    }

    private func finished(_ program: Program, status: Int32 = 65) async throws -> Report {
        let end = try await program.finish()
        #expect(end.status == status, "\(end.output) \(end.errors)")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Report.self, from: Data(end.output.utf8))
    }

    /// What a device sends that the test plays, again and again until the doctor has ended.
    private func play(
        on line: BadSerialLine, _ program: Program, _ bytes: (Int) -> [UInt8]
    ) async throws {
        var turn = 0
        try await wait(for: "the doctor to end", pause: .milliseconds(200)) {
            guard program.isRunning else { return true }
            if line.isOpen {
                line.send(bytes(turn))
                turn += 1
            }
            return false
        }
    }

    // MARK: A device that is well

    @Test func aDeviceThatIsWellLosesNothingByIt() async throws {
        let scratch = try Scratch()
        let device = try await simulator(scratch, ["--rate", "100", "--frame-interval", "200", "--boot", "11"])
        let end = try await doctor(scratch["tty"], [], scratch).finish()
        #expect(end.status == 0, "\(end.output) \(end.errors)")
        for words in [
            "pump-01, build 1.4.2", "boot    0000000b", "two-way", "65,536 B at 0x20001000", "table proven",
            "✔ All is well: the device hears us", "% of the line",
            "dalloc-collector serve --serial \(scratch["tty"]):115200 --database fleet.sqlite",
            "stty -F",
        ] {
            #expect(end.output.contains(words), "\(words): \(end.output)")
        }
        #expect(!end.output.contains("\u{1B}"), "a file gets no colours")
        #expect(end.errors.isEmpty, "and no progress")
        // What was told the doctor is told the collector, from the first frame on.
        let collector = try await RunningCollector(scratch, serial: [scratch["tty"]])
        let database = try DatabaseQueue(path: collector.database)
        func number(_ query: String) async throws -> Int? {
            try await database.read { try Int.fetchOne($0, sql: query) }
        }
        try await wait(for: "the device's frames") { try await number("SELECT count(*) FROM arrivals") ?? 0 > 30 }
        #expect(try await number("SELECT min(sequence) FROM arrivals") == 1)
        #expect(try await number("SELECT count(*) FROM gaps") == 0)
        device.signal(SIGTERM)
        #expect(try await device.finish().status == 0)
        #expect(try await collector.stop() == 0)
    }

    @Test func aOneWayDeviceIsWell() async throws {
        let (scratch, line) = (try Scratch(), try BadSerialLine())
        let program = try doctor(line.path, ["--format", "json"], scratch)
        try await play(on: line, program) { turn in
            let tick = 5000 + UInt64(turn) * 200
            let hello = WireBytes.hello(device: "one-way", tick: tick, isOneWay: true)
            return (turn % 10 == 0 ? hello : []) + WireBytes.keyframe(sequence: UInt32(turn + 1), tick: tick)
        }
        let report = try await finished(program, status: 0)
        #expect(report.kinds == ["well", "one_way"])
        #expect(line.received().isEmpty, "nobody speaks on a one-way line")
    }

    // MARK: Lines that aren't

    @Test func aDeviceThatHearsNothingIsTold() async throws {
        let scratch = try Scratch()
        let device = try await simulator(scratch)
        let line = try BadSerialLine(to: scratch["tty"], BadSerialLine.Fault(isDeaf: true))
        defer { line.end() }
        let report = try await report(line.path, [], scratch)
        #expect(report.problems == ["not_heard"])
        #expect(report.device?.id == "pump-01")
        device.signal(SIGKILL)
        _ = try await device.finish()
    }

    @Test func theSpeedThatTheDeviceHasIsFound() async throws {
        let scratch = try Scratch()
        let device = try await simulator(scratch)
        let line = try BadSerialLine(to: scratch["tty"], BadSerialLine.Fault(speed: speed_t(B921600)))
        defer { line.end() }
        let report = try await report(line.path, ["--seconds", "4"], scratch)
        #expect(report.problems == ["wrong_speed"], "\(report.findings.map(\.sentence))")
        #expect(report.rate == 921_600)
        #expect(report.triedRates == [115_200, 921_600])
        // The given one is kept to where that is asked.
        let stubborn = try await self.report(line.path, ["--seconds", "3", "--no-search"], scratch)
        #expect(stubborn.triedRates == [115_200])
        #expect(stubborn.rate == nil)
        device.signal(SIGKILL)
        _ = try await device.finish()
    }

    @Test func bytesThatGetLostAreTold() async throws {
        let scratch = try Scratch()
        let device = try await simulator(scratch, ["--frame-interval", "100"])
        let line = try BadSerialLine(to: scratch["tty"], BadSerialLine.Fault(lossOfOneIn: 400))
        defer { line.end() }
        let report = try await report(line.path, ["--seconds", "6"], scratch)
        #expect(report.problems == ["damaged_frames"], "\(report.findings.map(\.sentence))")
        #expect(report.frames.damaged > 2)
        #expect(report.frames.sound > report.frames.damaged)
        device.signal(SIGKILL)
        _ = try await device.finish()
    }

    @Test func aConsoleIsShownAndItsControlCodesAreNotObeyed() async throws {
        let (scratch, line) = (try Scratch(), try BadSerialLine())
        let program = try doctor(line.path, ["--seconds", "2"], scratch)
        try await play(on: line, program) { Array("I (\($0)) main: \u{1B}]0;owned\u{1B}[2Jhello world\r\n".utf8) }
        let end = try await program.finish()
        #expect(end.status == 65)
        #expect(end.output.contains("✘ This looks like a console at 115200 baud"), "\(end.output)")
        #expect(end.output.contains("hello world"))
        #expect(!end.output.contains("\u{1B}"))
    }

    @Test func noiseIsNoDevice() async throws {
        let (scratch, line) = (try Scratch(), try BadSerialLine())
        var random = SeededRandom(seed: 5)
        let program = try doctor(line.path, ["--seconds", "2", "--no-search", "--format", "json"], scratch)
        try await play(on: line, program) { _ in (0..<300).map { _ in UInt8(random.below(256)) } }
        let report = try await finished(program)
        #expect(report.problems == ["no_sound_frame"])
        #expect(report.device == nil)
    }

    @Test func aSilentLineIsTold() async throws {
        let (scratch, line) = (try Scratch(), try BadSerialLine())
        let report = try await report(line.path, ["--seconds", "1"], scratch)
        #expect(report.problems == ["silent"])
        #expect(report.bytes == 0)
    }

    @Test func ctrlCShowsWhatWasFoundUntilThen() async throws {
        let (scratch, line) = (try Scratch(), try BadSerialLine())
        let program = try doctor(line.path, ["--seconds", "3600", "--format", "json"], scratch)
        try await wait(for: "the doctor to listen") { line.isOpen }
        line.send(WireBytes.hello(device: "pump"))
        try await wait(for: "its answer") { !line.received().isEmpty }
        program.signal(SIGINT)
        let report = try await finished(program)
        #expect(report.device?.id == "pump")
        #expect(report.problems == ["silent_after_welcome"])
    }

    @Test func aLineThatGoesAwayIsTold() async throws {
        let (scratch, line) = (try Scratch(), try BadSerialLine())
        let program = try doctor(line.path, ["--seconds", "3600", "--format", "json"], scratch)
        try await wait(for: "the doctor to listen") { line.isOpen }
        line.hangUp()
        let report = try await finished(program)
        #expect(report.problems == ["line_ended", "silent"])
    }

    // MARK: Lines that can't be opened

    @Test func aLineThatIsNotThereOrNone() async throws {
        let scratch = try Scratch()
        let missing = try await doctor("/dev/ttyNONE7", [], scratch).finish()
        #expect(missing.status == 66)
        #expect(
            missing.errors.contains("/dev/ttyNONE7 can't be opened: No such file or directory"), "\(missing.errors)")
        #expect(missing.output.isEmpty)
        let none = try await doctor("/dev/null", [], scratch).finish()
        #expect(none.status == 66)
        #expect(none.errors.contains("it is no tty"))
        let speed = try await doctor("/dev/null", ["--baud", "12345"], scratch).finish()
        #expect(speed.status == 64)
        #expect(speed.errors.contains("921600"))
    }

    @Test func whoUsesTheLineIsNamed() async throws {
        let (scratch, line) = (try Scratch(), try BadSerialLine())
        let first = try doctor(line.path, ["--seconds", "3600"], scratch)
        try await wait(for: "the first doctor to listen") { line.isOpen }
        let second = try await doctor(line.path, ["--seconds", "1"], scratch).finish()
        #expect(second.status == 66)
        #expect(second.errors.contains("(process "), "\(second.errors)")
        #expect(second.errors.contains("Stop that one first."))
        first.signal(SIGINT)
        _ = try await first.finish()
    }
}
