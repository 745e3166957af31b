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
        bool uart_has_received(void) { return false; }
        uint8_t uart_receive(void) { return 0; }
        bool uart_can_transmit(void) { return false; }
        void uart_transmit(uint8_t byte) { (void)byte; }
        void uart_interrupt_when_free(bool enabled) { (void)enabled; }

        """

    /// A board on which ten minutes pass, twenty looks at the clock a second, and a collector that acknowledges nothing, in three ways.
    private static let refusingBoard = """
        #include <stdint.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        static int posts;
        uint32_t milliseconds(void *context) {
            static uint32_t now;
            (void)context;
            now += 50;
            if (now > 600000) { printf("%d", posts); exit(0); }
            return now;
        }
        uint32_t boot_number(void) { return 7; }
        int32_t post(const uint8_t *body, uint32_t count, uint8_t *answer, uint32_t size) {
            static const uint8_t welcome[] = { 0x04, 0x41, 0x02, 0x07, 0x05, 0xed, 0xa2, 0x29, 0x4e, 0x00 };
            const char *mode = getenv("ANSWER");
            (void)body, (void)count, (void)size;
            posts++;
            if (strcmp(mode, "none") == 0) return -1;
            if (strcmp(mode, "empty") == 0) return 0;
            memcpy(answer, welcome, sizeof welcome);
            return sizeof welcome;
        }

        """

    @Test(arguments: ["none", "empty", "welcome"]) func aCollectorThatTakesNothingIsAskedOnceAMinute(
        answer: String
    ) async throws {
        let scratch = try Scratch()
        let library = scratch.url.appending(path: "library")
        try await Library.build("DallocAgent", in: library).succeed()
        let header = try #require(try PublicHeaders.all().first { $0.lastPathComponent == "dalloc_agent_chunk.h" })
        let source = try scratch.write(try #require(try PublicHeaders.examples(in: header).first), to: "example.c")
        let board = try scratch.write(Self.refusingBoard, to: "board.c")
        let program = scratch.url.appending(path: "example").path
        try await Command([
            "gcc", "-std=c99", "-I" + library.appending(path: "include").path, source, board,
            library.appending(path: "libDallocAgent.a").path, "-o", program,
        ]).succeed()
        let posts = try await Command(["env", "ANSWER=\(answer)", program]).succeed()
        #expect((5...10).contains(Int(posts) ?? 0), "\(posts)")
    }

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
                "dalloc", "dalloc_agent", "dalloc_agent_chunk", "dalloc_agent_spool", "dalloc_agent_summary",
                "dalloc_file_spool", "dalloc_pin", "dalloc_posix_link", "dalloc_uart_ring", "dalloc_watch",
            ])
    }
}
