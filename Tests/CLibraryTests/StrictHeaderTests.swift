// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Each public header alone, as strict projects compile it, with and without each macro that changes what it says.
@Suite struct StrictHeaderTests {
    private static let warnings = [
        "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Wundef", "-Wshadow", "-Wredundant-decls", "-Werror",
    ]
    private static let c = ["-std=c99", "-Wstrict-prototypes", "-Wmissing-prototypes"]
    private static let cpp = ["-std=c++17", "-Wold-style-cast"]

    /// Clang also holds what comments say of parameters against the declarations.
    static let compilers: [[String]] = [
        ["gcc"] + c, ["g++"] + cpp + ["-Wuseless-cast"], ["clang"] + c + ["-Wdocumentation"],
        ["clang++"] + cpp + ["-Wdocumentation"],
    ]

    static let configurations: [[String]] = [
        [], ["-DMAX_NUM_OF_ALLOCATIONS=7"], ["-DUSE_ALIGNMENT=0"], ["-DDALLOC_NO_ALIGNMENT"],
        ["-DALLOCATION_ALIGNMENT_BYTES=16"], ["-DFILL_FREED_MEMORY_BY_NULLS=false"], ["-DUSE_SINGLE_HEAP_MEMORY"],
        ["-DUSE_THREAD_SAFETY"], ["-DUSE_FREE_RTOS"], ["-DDALLOC_EXTERNAL_MUTEX"], ["-DDALLOC_USE_CALL_SITES"],
        ["-DDALLOC_RECORDER_BYTES=64"],
        ["-Ddalloc_debug(...)=((void)0)", "-Ddalloc_snprintf=my_snprintf"], ["-ffreestanding"],
        [#"-DDALLOC_CUSTOM_CONF_FILE="own_mutex_conf.h""#],
        [
            "-DMAX_NUM_OF_ALLOCATIONS=65535", "-DALLOCATION_ALIGNMENT_BYTES=8", "-DUSE_SINGLE_HEAP_MEMORY",
            "-DUSE_THREAD_SAFETY", "-DDALLOC_USE_CALL_SITES", "-DDALLOC_RECORDER_BYTES=2560",
        ],
    ]

    @Test(arguments: compilers) func eachHeaderStandsAlone(compiler: [String]) async throws {
        let scratch = try Scratch()
        let headers = try PublicHeaders.all().map(\.lastPathComponent)
        #expect(headers.count == 19)
        // Twice, and more than nothing: an empty file is no C.
        let suffix = compiler[0].hasSuffix("++") ? ".cpp" : ".c"
        let programs = try headers.map {
            try scratch.write("#include \"\($0)\"\n#include \"\($0)\"\ntypedef int something;\n", to: $0 + suffix)
        }
        var compiler = compiler
        if compiler[0].hasPrefix("clang") { compiler[0] = try await Command.besideSwift(compiler[0]) }
        // What the tests bring is not what is tested.
        let brought = Library.testHeaders.map { "-isystem" + $0.dropFirst(2) }
        try await withThrowingTaskGroup { [compiler] group in
            for configuration in Self.configurations {
                group.addTask {
                    let finished = try await Command(
                        compiler + ["-fsyntax-only"] + Self.warnings + configuration + PublicHeaders.includes + brought
                            + programs
                    ).run()
                    #expect(finished.status == 0, "\(configuration): \(finished.text)")
                }
            }
            try await group.waitForAll()
        }
    }
}
