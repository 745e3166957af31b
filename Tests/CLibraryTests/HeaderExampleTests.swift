// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The example at the top of a header is a whole program: it compiles without a warning, links, and runs where it ends.
@Suite struct HeaderExampleTests {
    /// What the firmwares in the agent's headers have from their board.
    private static let board = """
        #include <stdbool.h>
        #include <stdint.h>
        int32_t uart_write(void *context, const uint8_t *bytes, uint32_t count) { (void)context, (void)bytes; return (int32_t)count; }
        int32_t uart_read(void *context, uint8_t *bytes, uint32_t count) { (void)context, (void)bytes, (void)count; return 0; }
        uint32_t milliseconds(void *context) { (void)context; return 0; }
        uint32_t boot_number(void) { return 1; }
        int32_t post(const uint8_t *body, uint32_t count, uint8_t *answer, uint32_t size) { (void)body, (void)count, (void)answer, (void)size; return -1; }
        void flash_read(uint32_t address, void *bytes, uint32_t count) { (void)address, (void)bytes, (void)count; }
        bool flash_write(uint32_t address, const void *bytes, uint32_t count) { (void)address, (void)bytes, (void)count; return false; }
        bool flash_flush(void) { return false; }
        void *pool_get(uint32_t size) { (void)size; return 0; }
        void pool_put(void *block) { (void)block; }
        bool flash_erase(uint32_t address) { (void)address; return false; }

        """

    @Test func eachIsAWholeProgram() async throws {
        let scratch = try Scratch()
        let library = scratch.url.appending(path: "library")
        try await Library.build("DallocAgent", in: library).succeed()
        let board = try scratch.write(Self.board, to: "board.c")
        var compiled: [String] = []
        for header in try PublicHeaders.all() {
            for example in try PublicHeaders.examples(in: header) {
                let name = header.deletingPathExtension().lastPathComponent
                let program = scratch.url.appending(path: name).path
                let source = try scratch.write(example, to: name + ".c")
                try await Command([
                    "gcc", "-std=c99", "-D_POSIX_C_SOURCE=200809L", "-pedantic", "-Wall", "-Wextra", "-Wconversion",
                    "-Wundef", "-Werror", "-I" + library.appending(path: "include").path, source, "-xc", "-w", board,
                    "-xnone", library.appending(path: "libDallocAgent.a").path, "-o", program,
                ]).succeed()
                // A firmware goes on for ever.
                if !example.contains("for (;;)") { try await Command([program], in: scratch.url).succeed() }
                compiled.append(name)
            }
        }
        #expect(
            compiled == [
                "dalloc", "dalloc_agent", "dalloc_agent_chunk", "dalloc_agent_spool", "dalloc_file_spool",
                "dalloc_posix_link", "dalloc_watch",
            ])
    }
}
