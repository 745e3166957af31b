// SPDX-License-Identifier: Apache-2.0
//
// What is built once in a test run, each in a folder of its own.

import Foundation
import TestSupport

actor Builds<Input: Sendable, Result: Sendable> {
    private var builds: [String: Task<Result, any Error>] = [:]

    /// Waits for what is built of `input`, and starts the builds of the others: a test without parallel cases would leave
    /// processors idle.
    func result(
        of input: Input, among others: [Input], key: (Input) -> String,
        build: @escaping @Sendable (Input, URL) async throws -> Result
    ) async throws -> Result {
        let wanted = start(input, key, build)
        for other in others { start(other, key, build) }
        return try await wanted.value
    }

    @discardableResult
    private func start(
        _ input: Input, _ key: (Input) -> String, _ build: @escaping @Sendable (Input, URL) async throws -> Result
    ) -> Task<Result, any Error> {
        if let started = builds[key(input)] { return started }
        let task = Task { try await build(input, Scratch.ofTheRun()) }
        builds[key(input)] = task
        return task
    }
}
