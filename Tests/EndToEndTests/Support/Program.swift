// SPDX-License-Identifier: Apache-2.0
//
// The real binaries, as a person would start them.

import Foundation
import TestSupport

final class Program: @unchecked Sendable {
    // Foundation's Process is used from one test at a time; the compiler can't know.
    private let process = Process()
    let outputPath: String
    let errorPath: String

    struct Finished {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Where the build puts the binaries: beside the test bundle.
    static let folder: URL = {
        let bundle = Bundle.allBundles.map(\.bundleURL).first { $0.pathExtension == "xctest" }
        return (bundle ?? URL(fileURLWithPath: CommandLine.arguments[0])).deletingLastPathComponent()
    }()

    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    init(
        _ name: String, _ arguments: [String], in scratch: Scratch, environment: [String: String] = [:]
    ) throws {
        let label = "\(name.split(separator: "/").last ?? "")-\(UUID().uuidString.prefix(8))"
        outputPath = scratch["\(label).out"]
        errorPath = scratch["\(label).err"]
        for path in [outputPath, errorPath] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
        process.executableURL =
            name.hasPrefix("/") ? URL(fileURLWithPath: name) : Self.folder.appendingPathComponent(name)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: scratch.path)
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: outputPath)
        process.standardError = FileHandle(forWritingAtPath: errorPath)
        try Self.withoutBlockedSignals { try process.run() }
    }

    /// Programs inherit what the thread blocks that starts them; cmake waits for good when that is SIGCHLD.
    private static func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
        var (none, old) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &old)
        defer { pthread_sigmask(SIG_SETMASK, &old, nil) }
        try body()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// Starts a program and waits for its end.
    static func run(
        _ name: String, _ arguments: [String], in scratch: Scratch, environment: [String: String] = [:]
    ) async throws -> Finished {
        try await Program(name, arguments, in: scratch, environment: environment).finish()
    }

    func finish(seconds: Double = 120) async throws -> Finished {
        try await wait(for: "\(process.executableURL?.lastPathComponent ?? "") to end", seconds: seconds) {
            !self.process.isRunning
        }
        process.waitUntilExit()
        return Finished(status: process.terminationStatus, output: output, errors: errors)
    }

    func signal(_ number: Int32) {
        kill(process.processIdentifier, number)
    }

    var isRunning: Bool { process.isRunning }
    var identifier: Int32 { process.processIdentifier }
    var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }
    var errors: String { (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "" }
}
