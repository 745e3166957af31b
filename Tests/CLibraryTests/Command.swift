// SPDX-License-Identifier: Apache-2.0
//
// Runs compilers and what they made, a few at a time.

import Foundation
import TestSupport

struct Command: Sendable {
    struct Finished: Sendable {
        var status: Int32
        /// What it wrote, to either output.
        var text: String
    }

    let arguments: [String]
    let folder: URL

    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let conformance = repository.appending(path: "Tests/C/Conformance").path

    /// The compiler's own tools read objects of every target.
    static func besideSwift(_ tool: String) async throws -> String {
        let found = try await Command(["sh", "-c", #"dirname "$(readlink -f "$(command -v swiftc)")""#]).succeed()
        return found.trimmingCharacters(in: .whitespacesAndNewlines) + "/" + tool
    }

    init(_ arguments: [String], in folder: URL = Self.repository) {
        (self.arguments, self.folder) = (arguments, folder)
    }

    func run() async throws -> Finished {
        try await Slots.processors.perform {
            let scratch = try Scratch()
            // Not a pipe: children that start at the same time would inherit it, and keep it open.
            let output = scratch.url.appending(path: "output")
            _ = FileManager.default.createFile(atPath: output.path, contents: nil)
            let handle = try FileHandle(forWritingTo: output)
            defer { try? handle.close() }
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = arguments
            process.currentDirectoryURL = folder
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = handle
            process.standardError = handle
            let status: Int32 = try await withCheckedThrowingContinuation { continuation in
                process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
                do { try Self.run(process) } catch { continuation.resume(throwing: error) }
            }
            return Finished(status: status, text: String(decoding: try Data(contentsOf: output), as: UTF8.self))
        }
    }

    /// Programs inherit what the thread blocks that starts them; cmake waits for good when that is SIGCHLD.
    private static func run(_ process: Process) throws {
        var (none, old) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &old)
        defer { pthread_sigmask(SIG_SETMASK, &old, nil) }
        try process.run()
    }

    /// What it wrote; throws when it failed.
    @discardableResult
    func succeed() async throws -> String {
        let finished = try await run()
        guard finished.status == 0 else { throw Failure(command: arguments, finished: finished) }
        return finished.text
    }

    struct Failure: Error, CustomStringConvertible {
        let command: [String]
        let finished: Finished
        var description: String {
            "\(command.joined(separator: " ")) ended with \(finished.status):\n\(finished.text.suffix(4000))"
        }
    }
}
