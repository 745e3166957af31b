// SPDX-License-Identifier: Apache-2.0
//
// Waits for conditions, never for times.

internal import Foundation

public struct TimedOut: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) { self.description = description }
}

/// Waits for a condition, and gives up with its name when it does not come true in a time that only a hang can take.
public func wait(
    for what: String, seconds: Double = 60, pause: Duration = .milliseconds(50),
    until condition: () async throws -> Bool
) async throws {
    let deadline = Date.now.addingTimeInterval(seconds)
    while try await !condition() {
        guard Date.now < deadline else { throw TimedOut(description: "waited \(seconds) s for \(what)") }
        try await Task.sleep(for: pause)
    }
}
