// SPDX-License-Identifier: Apache-2.0
//
// A real collector on ports of its own, that can be stopped, killed and started again on the same database.

import Foundation
import HeapHistory
import TestSupport

final class RunningCollector {
    let scratch: Scratch
    let port: Int
    let apiPort: Int
    let database: String
    private let command: [String]
    private let environment: [String: String]
    private let files: Int?
    private(set) var program: Program

    /// - Parameters:
    ///   - options: of `serve`, beside those that every collector here has.
    ///   - files: files and sockets that it may have open; nil for what the system allows.
    init(
        _ scratch: Scratch, serial: [String] = [], options: [String] = [], database: String? = nil,
        environment: [String: String] = [:], files: Int? = nil
    ) async throws {
        self.scratch = scratch
        (self.environment, self.files) = (environment, files)
        port = try freePort()
        apiPort = try freePort()
        self.database = database ?? scratch["history.sqlite"]
        command =
            ["serve", "--listen", "127.0.0.1:\(port)", "--api", "127.0.0.1:\(apiPort)", "--database", self.database]
            + serial.flatMap { ["--serial", $0] } + options
        program = try Self.start(command, in: scratch, environment, files)
        try await waitUntilReady()
    }

    private static func start(
        _ command: [String], in scratch: Scratch, _ environment: [String: String], _ files: Int?
    ) throws -> Program {
        guard let files else {
            return try Program("dalloc-collector", command, in: scratch, environment: environment)
        }
        let collector = Program.folder.appendingPathComponent("dalloc-collector").path
        return try Program(
            "/usr/bin/prlimit", ["--nofile=\(files):\(files)", collector] + command, in: scratch,
            environment: environment)
    }

    func restart() async throws {
        program = try Self.start(command, in: scratch, environment, files)
        try await waitUntilReady()
    }

    /// SIGTERM; the exit code.
    func stop() async throws -> Int32 {
        program.signal(SIGTERM)
        let end = try await program.finish()
        if end.status != 0 { print("the collector ended with \(end.status): \(end.errors.suffix(2000))") }
        return end.status
    }

    func kill() async throws {
        program.signal(SIGKILL)
        _ = try await program.finish()
    }

    /// Asks the real command; its answer as JSON.
    func ask(_ arguments: [String]) async throws -> Program.Finished {
        try await Program.run(
            "dalloc", arguments + ["--collector", "http://127.0.0.1:\(apiPort)", "--format", "json"], in: scratch)
    }

    func devices() async throws -> [DeviceSummary] {
        try HistoryCoding.decoder().decode(DeviceList.self, from: Data(try await ask(["devices"]).output.utf8)).devices
    }

    /// True when all ten devices of a fleet have reported more than `frames` frames.
    func isEveryDevice(beyond frames: Int) async throws -> Bool {
        let known = try await devices()
        return known.count == 10 && known.allSatisfy { $0.heaps.allSatisfy { $0.sequence > frames } }
    }

    func snapshot(_ device: String, at moment: String) async throws -> Snapshot {
        let answer = try await ask(["snapshot", device, "--at", moment])
        guard answer.status == 0 else { throw TimedOut(description: "snapshot \(device) \(moment): \(answer.errors)") }
        return try HistoryCoding.decoder().decode(Snapshot.self, from: Data(answer.output.utf8))
    }

    func moves(_ device: String, since: String, until: String) async throws -> MoveList {
        let answer = try await ask(
            ["moves", device, "--since", since, "--until", until, "--limit", "100000"])
        guard answer.status == 0 else { throw TimedOut(description: "moves \(device): \(answer.errors)") }
        return try HistoryCoding.decoder().decode(MoveList.self, from: Data(answer.output.utf8))
    }

    private func waitUntilReady() async throws {
        try await wait(for: "the collector to be ready") {
            guard program.isRunning else { throw TimedOut(description: "the collector ended: \(program.errors)") }
            return program.errors.contains("the collector is ready")
        }
    }
}
