// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Programs that use every function of the C API, as programs for dalloc 1.5 do and as they should not, against the library in each
/// configuration: Tests/C/Conformance.
@Suite struct ConformanceTests {
    private let scratch = try? Scratch()

    @Test(arguments: Configuration.all)
    func everyFunctionKeepsItsPromise(configuration: Configuration) async throws {
        let library = try await Library.with(configuration, amongAll: true)
        async let c: Void = run("every_function.c", ["gcc", "-std=" + configuration.cStandard], with: library)
        async let cpp: Void = run("every_function.cpp", ["g++", "-std=" + configuration.cppStandard], with: library)
        _ = try await (c, cpp)
    }

    /// Compiles and links a program, and expects 0 of it.
    private func run(_ source: String, _ compiler: [String], with library: Library) async throws {
        let scratch = try #require(scratch)
        let program = scratch.url.appending(path: source + ".program").path
        let flags = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-g", library.configuration.optimization]
        var others: [String] = []
        for file in library.configuration.programs {
            others.append(scratch.url.appending(path: source + "." + URL(filePath: file).lastPathComponent + ".o").path)
            let c = ["gcc", "-std=" + library.configuration.cStandard]
            try await Command(c + flags + library.programFlags + ["-c", file, "-o", others[others.count - 1]]).succeed()
        }
        try await Command(
            compiler + flags + library.programFlags
                + [Command.conformance + "/" + source] + others + [library.archive, "-lpthread", "-o", program]
        ).succeed()
        try await Command([program], in: scratch.url).succeed()
    }
}
