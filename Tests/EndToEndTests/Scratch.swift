// SPDX-License-Identifier: Apache-2.0
//
// A folder of its own for each test, gone when the test is over.

import Foundation

final class Scratch: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "dalloc-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    subscript(name: String) -> String { path + "/" + name }
}

struct TimedOut: Error, CustomStringConvertible {
    let description: String
}

/// Waits for a condition, and gives up with its name when it does not come true in a time that only a hang can take.
func wait(
    for what: String, seconds: Double = 60, pause: Duration = .milliseconds(50),
    until condition: () async throws -> Bool
) async throws {
    let deadline = Date.now.addingTimeInterval(seconds)
    while try await !condition() {
        guard Date.now < deadline else { throw TimedOut(description: "waited \(seconds) s for \(what)") }
        try await Task.sleep(for: pause)
    }
}

/// A TCP port that nobody listens on now.
func freePort() throws -> Int {
    let listener = try Socket()
    defer { listener.close() }
    return try listener.bindAnywhere()
}
