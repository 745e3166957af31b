// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Agent/hooks: what the allocators of others tell, told to a watch that keeps the table and counts what contradicts it
/// (Tests/C/Hooks).
@Suite struct HookTests {
    private static let tests = Command.repository.appending(path: "Tests/C/Hooks").path
    private static let hooks = Command.repository.appending(path: "Agent/hooks").path
    private static let headers = ["Agent/DallocAgent/include", "Sources/CDalloc/include"].map {
        "-I" + Command.repository.appending(path: $0).path
    }
    private static let strict = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-O1", "-g"]
    private static let sanitized = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]

    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Builds the test of a hook with the stand-ins beside it, and runs it.
    private func run(_ hook: String, _ sources: [String], _ flags: [String] = []) async throws {
        let program = scratch["program"]
        let all = (sources + ["test.c"]).map { "\(Self.tests)/\(hook)/\($0)" } + [Self.tests + "/watch_double.c"]
        try await Command(
            ["gcc", "-std=c11"] + Self.strict + Self.sanitized + Self.headers
                + ["-I\(Self.tests)/\(hook)", "-I\(Self.hooks)/\(hook)"] + all
                + [implementation(hook)] + flags + ["-o", program]
        ).succeed()
        #expect(try await Command([program]).succeed().hasSuffix("ok\n"))
    }

    private func implementation(_ hook: String) -> String {
        "\(Self.hooks)/\(hook)/dalloc_watch_\(hook.replacing("-", with: "_")).c"
    }

    // MARK: FreeRTOS

    @Test(arguments: [0, 1]) func theHeapOfFreeRTOSIsWalkedAlsoInTheMiddleOfAFree(isProtected: Int) async throws {
        try await run("freertos", ["heap.c"], ["-DconfigENABLE_HEAP_PROTECTOR=\(isProtected)"])
    }

    @Test(arguments: [1, 2, 3, 4, 5]) func theHookCompilesForEachHeapOfFreeRTOS(heap: Int) async throws {
        try await compile("freertos", ["-std=c99", "-DDALLOC_FREERTOS_HEAP=\(heap)"])
    }

    @Test func theTraceMacrosMayBeInAnAssemblerFile() async throws {
        let source = try scratch.write(
            "#include \"dalloc_freertos_trace.h\"\n.globl nothing\nnothing:\n", to: "port.S")
        try await Command(["gcc", "-I" + Self.hooks + "/freertos", "-c", source, "-o", scratch["port.o"]]).succeed()
    }

    // MARK: Zephyr and ESP-IDF

    @Test func aResizeInPlaceOfZephyrIsOne() async throws {
        try await run("zephyr", [])
    }

    @Test func eachAllocationOfESPIDFIsToldOnce() async throws {
        try await run("esp-idf", ["heap_caps_base.c"], ["@\(Self.hooks)/esp-idf/esp-idf.flags"])
    }

    @Test func theHooksCompileAsStrictC() async throws {
        try await compile("zephyr", ["-std=c11"])
        try await compile("esp-idf", ["-std=c99"])
        try await compile("esp-idf", ["-std=c99", "-DCONFIG_HEAP_TASK_TRACKING=1"])
        try await compile("wrap", ["-std=c99"])
    }

    private func compile(_ hook: String, _ flags: [String]) async throws {
        try await Command(
            ["gcc"] + Self.strict + flags + Self.headers
                + [
                    "-I\(Self.tests)/\(hook)", "-I\(Self.hooks)/\(hook)", "-c", implementation(hook), "-o",
                    scratch["hook.o"],
                ]
        ).succeed()
    }

    // MARK: malloc of a C library

    @Test(arguments: WrappedLibrary.all) func eachAllocationIsToldOnce(library: WrappedLibrary) async throws {
        let program = scratch["program"]
        try await Command(
            [library.compiler, "-std=c11", "-D_GNU_SOURCE", "-fno-builtin", "-fno-toplevel-reorder"] + Self.strict
                + library.flags + Self.headers + ["-I\(Self.hooks)/wrap"]
                + ["\(Self.tests)/wrap/test.c", Self.tests + "/watch_double.c", implementation("wrap")]
                + ["@\(Self.hooks)/wrap/\(library.options)", "-o", program]
        ).succeed()
        let told = try await Command(library.emulator + [program]).succeed()
        #expect(told.contains("\nok"), "\(told)")
    }
}
