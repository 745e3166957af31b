// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The public headers as programs meet them: alone, in each language, beside a library that was built in one way.
@Suite struct HeaderTests {
    @Test(arguments: Configuration.all)
    func eachHeaderStandsAlone(configuration: Configuration) async throws {
        let library = try await Library.with(configuration, amongAll: true)
        let scratch = try Scratch()
        let headers = try FileManager.default.contentsOfDirectory(
            atPath: library.folder.appending(path: "include").path
        ).filter { !$0.hasPrefix("dalloc_library") }
        #expect(headers.count == 8)
        // Twice, and more than nothing: an empty file is no C.
        let c = try headers.map {
            try scratch.write("#include \"\($0)\"\n#include \"\($0)\"\ntypedef int something;\n", to: $0 + ".c")
        }
        let cpp = try headers.map { try scratch.write("#include \"\($0)\"\n#include \"\($0)\"\n", to: $0 + ".cpp") }
        let flags =
            ["-fsyntax-only", "-Wall", "-Wextra", "-pedantic", "-Wconversion", "-Wundef", "-Werror"]
            + library.programFlags
        try await withThrowingTaskGroup { group in
            group.addTask { try await Command(["gcc", "-std=c99"] + flags + c).succeed() }
            for standard in ["c++11", "c++14", "c++17", "c++20"] {
                group.addTask { try await Command(["g++", "-std=" + standard] + flags + cpp).succeed() }
            }
            try await group.waitForAll()
        }
    }

    // MARK: - Values that don't go together

    struct Difference: Sendable, CustomTestStringConvertible {
        let library: Configuration
        let flags: [String]
        let message: String
        var testDescription: String { flags.joined(separator: " ") + " with a library of " + library.name }
    }

    @Test(arguments: [
        Difference(
            library: .byDefault, flags: ["-DALLOCATION_ALIGNMENT_BYTES=8"],
            message: "this library was built with ALLOCATION_ALIGNMENT_BYTES 4"),
        Difference(
            library: .byDefault, flags: ["-DDALLOC_NO_ALIGNMENT"], message: "this library was built with alignment"),
        Difference(
            library: .byDefault, flags: ["-DUSE_SINGLE_HEAP_MEMORY"],
            message: "this library was built without USE_SINGLE_HEAP_MEMORY"),
        Difference(
            library: .byDefault, flags: ["-DUSE_THREAD_SAFETY"],
            message: "this library was built without USE_THREAD_SAFETY"),
        Difference(
            library: .byDefault, flags: ["-DDALLOC_USE_CALL_SITES"],
            message: "this library was built without DALLOC_USE_CALL_SITES"),
        Difference(
            library: .byDefault, flags: [#"-DDALLOC_CUSTOM_CONF_FILE="device_conf.h""#],
            message: "this library was built with ALLOCATION_ALIGNMENT_BYTES 4"),
        Difference(
            library: .byDefault, flags: ["-DDALLOC_EXTERNAL_MUTEX"],
            message: "this library was built without DALLOC_EXTERNAL_MUTEX"),
        // With another mutex, heap_t has another size.
        Difference(
            library: .byDefault, flags: ["-DUSE_FREE_RTOS"], message: "this library was built without USE_FREE_RTOS"),
        Difference(
            library: .posixThreads, flags: ["-DUSE_FREE_RTOS"],
            message: "this library was built without USE_FREE_RTOS"),
        Difference(
            library: .byDefault, flags: ["-DUSE_ALIGNMENT=0"], message: "this library was built with alignment"),
        Difference(
            library: .unaligned, flags: ["-DALLOCATION_ALIGNMENT_BYTES=8"],
            message: "this library was built without alignment"),
    ])
    func aProgramCannotDifferFromItsLibrary(difference: Difference) async throws {
        try await expect(difference.message, from: difference)
    }

    /// The flags of a library may decide what its configuration header says.
    @Test func aProgramNeedNotRepeatWhatAConfigurationHeaderAsksFor() async throws {
        let scratch = try Scratch()
        _ = try scratch.write(
            """
            #ifdef BOARD_B
            #define USE_THREAD_SAFETY
            #define DALLOC_MUTEX_TYPE long
            #define DALLOC_MUTEX_CREATE() 0
            #define DALLOC_MUTEX_DELETE(m) ((void)(m))
            #define DALLOC_MUTEX_LOCK(m) ((void)(m))
            #define DALLOC_MUTEX_UNLOCK(m) ((void)(m))
            #endif
            """, to: "board.h")
        let flags = [#"-DDALLOC_CUSTOM_CONF_FILE="board.h""#, "-I" + scratch.url.path, "-DBOARD_B"]
        let folder = scratch.url.appending(path: "library")
        try await Library.build(in: folder, flags: flags).succeed()
        let program = try scratch.write(
            "#include \"dalloc.h\"\nlong *is_a_long(heap_t *heap) { return &heap->mutex; }\n", to: "program.c")
        let finished = try await Command([
            "gcc", "-std=c99", "-Werror", "-fsyntax-only", "-I" + folder.appending(path: "include").path, program,
        ]).run()
        #expect(finished.status == 0, "\(finished.text)")
    }

    private func expect(_ message: String, from difference: Difference) async throws {
        let library = try await Library.with(difference.library)
        let finished = try await compile(["gcc", "-std=c99"] + library.programFlags + difference.flags)
        #expect(finished.status != 0)
        #expect(finished.text.contains("error \"" + message))
    }

    // MARK: - Values that nothing can be built with

    @Test(arguments: [
        (["-DMAX_NUM_OF_ALLOCATIONS=0"], "MAX_NUM_OF_ALLOCATIONS must be between 1 and 65535"),
        (["-DMAX_NUM_OF_ALLOCATIONS=65536"], "MAX_NUM_OF_ALLOCATIONS must be between 1 and 65535"),
        (["-DMAX_NUM_OF_ALLOCATIONS=-1"], "MAX_NUM_OF_ALLOCATIONS must be between 1 and 65535"),
        (["-DMAX_NUM_OF_ALLOCATIONS=many"], "MAX_NUM_OF_ALLOCATIONS must be between 1 and 65535"),
        (["-DALLOCATION_ALIGNMENT_BYTES=0"], "ALLOCATION_ALIGNMENT_BYTES must be a power of two"),
        (["-DALLOCATION_ALIGNMENT_BYTES=3"], "ALLOCATION_ALIGNMENT_BYTES must be a power of two"),
        (["-DALLOCATION_ALIGNMENT_BYTES=-4"], "ALLOCATION_ALIGNMENT_BYTES must be a power of two"),
        (
            ["-DUSE_THREAD_SAFETY", "-DDALLOC_MUTEX_TYPE=int"],
            "DALLOC_MUTEX_TYPE is defined, but not all of DALLOC_MUTEX_CREATE()"
        ),
        (
            [
                "-DUSE_THREAD_SAFETY", "-DDALLOC_MUTEX_TYPE=int", "-DDALLOC_MUTEX_CREATE()=0",
                "-DDALLOC_MUTEX_LOCK(m)=m",
            ],
            "DALLOC_MUTEX_TYPE is defined, but not all of DALLOC_MUTEX_CREATE()"
        ),
    ])
    func aWrongValueIsAnErrorThatSaysWhatIsRight(flags: [String], message: String) async throws {
        let finished = try await compile(["gcc", "-std=c99"] + sources + flags)
        #expect(finished.status != 0)
        #expect(finished.text.contains(message))
    }

    @Test func aDeviceWithThreadsNeedsAMutex() async throws {
        let device = try await [Command.besideSwift("clang"), "--target=armv7em-none-none-eabi", "-ffreestanding"]
        let without = try await compile(device + sources + ["-DUSE_THREAD_SAFETY"])
        #expect(without.status != 0)
        #expect(without.text.contains("USE_THREAD_SAFETY needs DALLOC_MUTEX_TYPE"))
        #expect(without.text.contains("or USE_FREE_RTOS"))
        let with = try await compile(device + sources + [#"-DDALLOC_CUSTOM_CONF_FILE="own_mutex_conf.h""#])
        #expect(with.status == 0, "\(with.text)")
    }

    @Test func theLibraryIsNotBuiltWithAWrongValue() async throws {
        let scratch = try Scratch()
        let finished = try await Library.build(in: scratch.url, flags: ["-DALLOCATION_ALIGNMENT_BYTES=3"]).run()
        #expect(finished.status != 0)
        #expect(finished.text.contains("ALLOCATION_ALIGNMENT_BYTES must be a power of two"))
    }

    private let sources =
        ["-I" + Command.repository.appending(path: "Sources/CDalloc/include").path] + Library.testHeaders

    private func compile(_ compiler: [String]) async throws -> Command.Finished {
        let scratch = try Scratch()
        let program = try scratch.write("#include \"dalloc.h\"\n", to: "program.c")
        return try await Command(compiler + ["-fsyntax-only", program]).run()
    }
}
