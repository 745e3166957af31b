// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// DALLOC_AGENT_TRANSMIT_BUFFER in each language: what is large enough compiles without a warning, what is not doesn't.
@Suite struct TransmitBufferTests {
    struct Language: Sendable, CustomTestStringConvertible {
        let compiler: [String]
        let suffix: String
        var testDescription: String { compiler.joined(separator: " ") }
    }

    static let languages = [
        Language(compiler: ["gcc", "-std=c99"], suffix: "c"),
        Language(compiler: ["gcc", "-std=c11"], suffix: "c"),
        Language(compiler: ["clang", "-std=c99"], suffix: "c"),
        Language(compiler: ["clang", "-std=c17"], suffix: "c"),
        // This one has no long long, which the header needs.
        Language(compiler: ["g++", "-std=c++98", "-Wno-long-long"], suffix: "cpp"),
        Language(compiler: ["g++", "-std=c++11"], suffix: "cpp"),
        Language(compiler: ["g++", "-std=c++20"], suffix: "cpp"),
        Language(compiler: ["clang++", "-std=c++11"], suffix: "cpp"),
    ]

    private func compile(
        _ language: Language, bytes: String, isInside: Bool, flags: [String] = []
    ) async throws -> Command.Finished {
        let scratch = try Scratch()
        let declaration = "DALLOC_AGENT_TRANSMIT_BUFFER(line_buffer, \(bytes));\n"
        let program = """
            #include "dalloc_agent.h"
            \(isInside ? "" : declaration)
            uint8_t *start(uint32_t *size);
            uint8_t *start(uint32_t *size) {
                \(isInside ? declaration : "")
                *size = (uint32_t)sizeof line_buffer;
                return line_buffer;
            }
            """
        var compiler = language.compiler
        if compiler[0].hasPrefix("clang") { compiler[0] = try await Command.besideSwift(compiler[0]) }
        let includes = ["Sources/CDalloc/include", "Agent/DallocAgent/include"].map {
            "-I" + Command.repository.appending(path: $0).path
        }
        return try await Command(
            [compiler[0], "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"] + compiler[1...] + flags
                + includes + [try scratch.write(program, to: "program." + language.suffix)]
        ).run()
    }

    @Test(arguments: languages, [true, false])
    func oneThatIsLargeEnoughCompilesWithoutAWarning(language: Language, isInside: Bool) async throws {
        for bytes in ["DALLOC_AGENT_TRANSMIT_BYTES_MIN", "512", "1024", "2 * sizeof(dalloc_recorder_t)"] {
            let finished = try await compile(language, bytes: bytes, isInside: isInside)
            #expect(finished.status == 0, "\(bytes): \(finished.text)")
        }
    }

    @Test(arguments: languages, [true, false])
    func oneThatIsTooSmallDoesNotCompileAndTheCompilerSaysWhy(language: Language, isInside: Bool) async throws {
        // A standard without assertions has the reason in a name.
        let isOld = ["-std=c99", "-std=c++98"].contains(language.compiler[1])
        let reason =
            isOld
            ? "line_buffer_has_fewer_bytes_than_DALLOC_AGENT_TRANSMIT_BYTES_MIN"
            : "transmit buffer line_buffer: fewer bytes than DALLOC_AGENT_TRANSMIT_BYTES_MIN"
        for bytes in ["DALLOC_AGENT_TRANSMIT_BYTES_MIN - 1", "511", "0"] {
            let finished = try await compile(language, bytes: bytes, isInside: isInside)
            #expect(finished.status != 0 && finished.text.contains(reason), "\(bytes): \(finished.text)")
        }
        let finished = try await compile(
            language, bytes: "2560", isInside: isInside, flags: ["-DDALLOC_RECORDER_BYTES=2560"])
        #expect(finished.status != 0 && finished.text.contains(reason), "more for a larger recorder")
    }
}
