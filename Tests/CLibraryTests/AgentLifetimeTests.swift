// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// What dalloc_agent.h says of how long things must live, from C, with library and program under AddressSanitizer.
@Suite struct AgentLifetimeTests {
    @Test func everythingMayGoWhenTheHeaderSaysSo() async throws {
        let scratch = try Scratch()
        let library = scratch.url.appending(path: "library")
        let build = Library.build("DallocAgent", in: library)
        try await Command(["SANITIZE=address"] + build.arguments).succeed()
        let program = scratch.url.appending(path: "program").path
        try await Command([
            Command.besideSwift("clang"), "-std=c99", "-g", "-Wall", "-Wextra", "-Werror", "-fsanitize=address",
            "-I" + library.appending(path: "include").path, "-I" + Command.conformance,
            Command.conformance + "/agent_lifetimes.c", library.appending(path: "libDallocAgent.a").path, "-o", program,
        ]).succeed()
        let options = "ASAN_OPTIONS=detect_leaks=0"
        try await Command([options, program]).succeed()
        let tooEarly = try await Command([options, program, "too early"]).run()
        #expect(tooEarly.status != 0 && tooEarly.text.contains("heap-use-after-free"), "\(tooEarly.text)")
    }
}
