// SPDX-License-Identifier: Apache-2.0
//
// A board in QEMU that runs a firmware. Its agent's UART is a pseudo-terminal, as if it were on a USB adapter.

import Foundation
import TestSupport
import Testing

final class EmulatedBoard {
    let image: FirmwareImage
    /// The agent's serial line, on the side of the collector.
    private(set) var line = ""
    private let folder: Scratch
    private let program: Program
    private var commands: UnixSocket?
    private var console: UnixSocket?

    init(_ image: FirmwareImage) async throws {
        self.image = image
        folder = try Scratch()
        let script = Program.repository.appendingPathComponent("scripts/boot-firmware.sh").path
        program = try Program(
            "/usr/bin/env", ["bash", script, image.board.rawValue, image.path, folder.path], in: folder)
        try await wait(for: "\(image.name) to boot") {
            guard program.isRunning else { throw TimedOut(description: "QEMU ended: \(program.errors)") }
            guard let path = program.output.firstMatch(of: #/redirected to (\S+) /#) else { return false }
            line = String(path.1)
            return FileManager.default.fileExists(atPath: folder["commands"])
        }
    }

    /// What the firmware says of itself.
    struct Answer {
        /// Of each heap of which the last frame is the heap as it is now. With no room for a frame, it isn't.
        var heaps: [FirmwareTruth] = []
        /// Operations that the agent could not keep since the boot.
        var lost = 0
    }

    /// Asks until the firmware can tell what is in its heaps.
    func truth() async throws -> [FirmwareTruth] {
        var answer = Answer()
        try await wait(for: "\(image.name) to tell the truth", pause: .milliseconds(10)) {
            answer = try await ask()
            return !answer.heaps.isEmpty
        }
        return answer.heaps
    }

    func ask() async throws -> Answer {
        var answer = Answer()
        for line in image.board == .cortexM4 ? try await askOnSecondUART() : try await askBySemihosting() {
            if line.hasPrefix("end ") {
                answer.lost = Int(line.dropFirst(4)) ?? 0
            } else {
                answer.heaps.append(try JSONDecoder().decode(FirmwareTruth.self, from: Data(line.utf8)))
            }
        }
        return answer
    }

    private func askOnSecondUART() async throws -> [String] {
        let console = try self.console ?? UnixSocket(folder["console"])
        self.console = console
        var lines: [String] = []
        try console.send("?")
        try await wait(for: "\(image.name) to answer", pause: .milliseconds(5)) {
            while let line = try console.line() {
                lines.append(line)
                if line.hasPrefix("end ") { return true }
            }
            return false
        }
        return lines
    }

    private func askBySemihosting() async throws -> [String] {
        let before = try printed().count
        _ = FileManager.default.createFile(atPath: folder["ask"], contents: nil)
        var lines: [String] = []
        try await wait(for: "\(image.name) to answer", pause: .milliseconds(5)) {
            let text = try printed().dropFirst(before)
            lines = text.split(separator: "\n").map { String($0) }
            return text.hasSuffix("\n") && lines.last?.hasPrefix("end ") == true
        }
        return lines
    }

    private func printed() throws -> String { try String(contentsOfFile: folder["console"], encoding: .utf8) }

    /// Does a command of QEMU's own: `system_reset`, `stop`, `cont`.
    func perform(_ command: String) async throws {
        if commands == nil {
            commands = try UnixSocket(folder["commands"])
            try await send("qmp_capabilities")
        }
        try await send(command)
    }

    private func send(_ command: String) async throws {
        try commands?.send(#"{"execute": "\#(command)"}"# + "\n")
        try await wait(for: "QEMU to \(command)", pause: .milliseconds(5)) {
            while let line = try commands?.line() {
                if line.hasPrefix(#"{"return""#) { return true }
            }
            return false
        }
    }

    /// Takes the power away.
    func end() async throws {
        program.signal(SIGKILL)
        _ = try await program.finish()
    }
}
