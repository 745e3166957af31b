// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// What the agent refuses, from C: Tests/C/Conformance/agent_errors.c brings about every reason and reads what the agent says of it.
@Suite struct AgentErrorTests {
    @Test func eachReasonHasItsCodeAndItsSentence() async throws {
        let scratch = try Scratch()
        let library = scratch.url.appending(path: "library")
        try await Library.build(
            "DallocAgent", in: library, flags: [#"-DDALLOC_CUSTOM_CONF_FILE="messages_conf.h""#]
        ).succeed()
        for compiler in [["gcc", "-std=c99", "-xc"], ["g++", "-std=c++17", "-xc++"]] {
            let program = scratch.url.appending(path: compiler[0] + ".program").path
            try await Command(
                compiler + ["-Wall", "-Wextra", "-pedantic", "-Werror", "-g", "-fsanitize=undefined"]
                    + ["-I" + library.appending(path: "include").path] + Library.testHeaders
                    + [Command.conformance + "/agent_errors.c", "-xnone"]
                    + [library.appending(path: "libDallocAgent.a").path, "-o", program]
            ).succeed()
            try await Command([program]).succeed()
        }
    }
}
