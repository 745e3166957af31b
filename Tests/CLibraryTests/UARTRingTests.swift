// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// dalloc_uart_ring.h: alone, between threads, and on processors without atomic instructions (Tests/C/UARTRing).
@Suite struct UARTRingTests {
    private static let tests = Command.repository.appending(path: "Tests/C/UARTRing").path
    private static let link = Command.repository.appending(path: "Agent/DallocAgent/port/dalloc_uart_link.c").path
    private static let headers = "-I" + Command.repository.appending(path: "Agent/DallocAgent/include").path
    private static let strict = ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Wconversion", "-Werror", "-O1", "-g"]

    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func run(_ test: String, _ flags: [String]) async throws {
        let program = scratch[test]
        try await Command(
            ["gcc"] + Self.strict + flags + [Self.headers, "\(Self.tests)/\(test).c", Self.link, "-o", program]
        ).succeed()
        let finished = try await Command([program]).run()
        #expect(finished.status == 0 && finished.text == "ok\n", "\(finished.text)")
    }

    private static let sanitized = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]

    @Test func aRingOfEverySizeKeepsEveryByteAndCountersGoRound() async throws {
        try await run("ring", Self.sanitized)
    }

    @Test func twoThreadsNeedNoLock() async throws {
        try await run("threads", ["-D_POSIX_C_SOURCE=200809L", "-fsanitize=thread", "-pthread"])
    }

    /// As where the processor has no atomic instructions: with a barrier, and plain loads and stores.
    @Test func twoThreadsNeedNoAtomicInstructions() async throws {
        try await run(
            "threads",
            ["-D_POSIX_C_SOURCE=200809L", "-U__GCC_ATOMIC_INT_LOCK_FREE", "-D__GCC_ATOMIC_INT_LOCK_FREE=1", "-pthread"])
    }

    @Test(arguments: ["dma", "rs485"]) func theDriversOfThePageLoseNoByte(driver: String) async throws {
        try await run(driver, Self.sanitized)
    }

    /// No function of a library for atomics, which a firmware does not have.
    @Test(arguments: [
        ["arm-none-eabi-gcc", "-mcpu=cortex-m0", "-mthumb"], ["arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb"],
        ["riscv64-unknown-elf-gcc", "-march=rv32imc", "-mabi=ilp32"],
        ["riscv64-unknown-elf-gcc", "-march=rv32imac", "-mabi=ilp32"],
        ["clang", "--target=armv6m-none-eabi"], ["clang", "--target=armv7em-none-eabi"],
        ["clang", "--target=riscv32-none-eabi", "-march=rv32imc"],
    ]) func itAsksForNothing(compiler: [String]) async throws {
        var compiler = compiler
        if compiler[0] == "clang" { compiler[0] = try await Command.besideSwift("clang") }
        let source = try scratch.write(
            """
            #include "dalloc_uart_ring.h"
            DALLOC_UART_RING(ring, 128);
            void interrupt(uint8_t *bytes, const uint8_t **span);
            void interrupt(uint8_t *bytes, const uint8_t **span) {
                dalloc_uart_ring_put_span(&ring, bytes, dalloc_uart_ring_overruns(&ring));
                if (dalloc_uart_ring_put(&ring, 1) && dalloc_uart_ring_take(&ring, bytes)) bytes++;
                dalloc_uart_ring_consume(&ring, dalloc_uart_ring_peek(&ring, span));
                dalloc_uart_ring_read(&ring, bytes, dalloc_uart_ring_used(&ring) + dalloc_uart_ring_most(&ring));
            }

            """, to: "interrupt.c")
        for optimization in ["-O0", "-Os"] {
            let object = scratch["interrupt.o"]
            try await Command(
                compiler + [
                    optimization, "-ffreestanding", "-Wall", "-Werror", Self.headers, "-c", source, "-o", object,
                ]
            ).succeed()
            #expect(try await Archive(path: object).undefinedSymbols().subtracting(["memcpy"]).isEmpty)
        }
    }

    @Test func aSizeThatIsNoPowerOfTwoDoesNotCompileAndTheCompilerSaysWhy() async throws {
        for (compiler, size, isRight) in [
            ("gcc", "128", true), ("g++", "1", true), ("gcc", "100", false), ("g++", "0", false),
            ("gcc", "3 * 32", false),
        ] {
            let suffix = compiler == "g++" ? "cpp" : "c"
            let source = try scratch.write(
                "#include \"dalloc_uart_ring.h\"\nDALLOC_UART_RING(line, \(size));\ndalloc_uart_ring_t *ring = &line;\n",
                to: "ring." + suffix)
            let finished = try await Command(
                [compiler, "-Wall", "-Wextra", "-pedantic", "-Werror", Self.headers, "-fsyntax-only", source]
            ).run()
            #expect((finished.status == 0) == isRight, "\(size): \(finished.text)")
            if !isRight { #expect(finished.text.contains("line_size_is_no_power_of_two"), "\(finished.text)") }
        }
    }

    /// In Swift 6.3 a variable at file level has no room for what a C struct leaves out between its fields.
    @Test func theStateOfAnAgentHasNoPadding() async throws {
        let source = try scratch.write("#include \"dalloc_agent.h\"\n", to: "state.c")
        let allocator = "-I" + Command.repository.appending(path: "Sources/CDalloc/include").path
        let finished = try await Command([
            "arm-none-eabi-gcc", "-mcpu=cortex-m0", "-mthumb", "-Wpadded", Self.headers, allocator, "-fsyntax-only",
            source,
        ]).run()
        #expect(finished.status == 0 && finished.text.contains("-Wpadded"), "\(finished.text)")
        let lines = finished.text.split(separator: "\n")
        #expect(!lines.contains { $0.contains("dalloc_agent_state.h:") && $0.contains("-Wpadded") }, "\(finished.text)")
    }
}
