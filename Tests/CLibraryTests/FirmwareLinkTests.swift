// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// A firmware without a C library links with three functions of its own, and with nothing else.
@Suite struct FirmwareLinkTests {
    private static let targets = [
        ("armv6m-none-none-eabi", "cortex-m0"), ("armv7em-none-none-eabi", "cortex-m4"),
        ("riscv32-none-none-eabi", "generic-rv32"),
    ]

    private static let program = """
        #include <stddef.h>
        #include "dalloc_agent.h"

        DALLOC_AGENT_TRANSMIT_BUFFER(transmit_buffer, 768);
        static uint8_t memory[4096];
        static void *blocks[4];
        static heap_t heap;
        static dalloc_recorder_t recorder;
        static dalloc_agent_t agent;

        static int32_t write_none(void *context, const uint8_t *bytes, uint32_t count) {
            (void)context, (void)bytes, (void)count;
            return 0;
        }
        static uint32_t now(void *context) {
            (void)context;
            return 0;
        }

        void start(void);
        void start(void) {
            dalloc_agent_config_t config = {
                .device_id = "linked", .ticks_per_second = 1000, .now = now, .link = {.write = write_none, .read = NULL},
                .transmit_buffer = transmit_buffer, .transmit_size = sizeof transmit_buffer};
            heap_init(&heap, memory, sizeof memory);
            if (dalloc_agent_init(&agent, &config) != DALLOC_AGENT_OK) return;
            dalloc_agent_attach(&agent, &recorder, &heap, "main");
            for (;;) {
                dalloc(&heap, 10, &blocks[0]);
                drealloc(&heap, 20, &blocks[0]);
                dfree(&heap, &blocks[0], USING_PTR_ADDRESS);
                dalloc_agent_poll(&agent);
                dalloc_agent_flush(&agent);
            }
        }
        """

    /// Byte by byte; what is linked is all that counts here.
    private static let memory = """
        #include <stddef.h>
        void *memmove(void *to, const void *from, size_t count);
        void *memcpy(void *to, const void *from, size_t count);
        void *memset(void *to, int value, size_t count);
        void *memmove(void *to, const void *from, size_t count) {
            volatile char *out = to;
            const char *in = from;
            if (to < from) for (size_t at = 0; at < count; at++) out[at] = in[at];
            else while (count-- > 0) out[count] = in[count];
            return to;
        }
        void *memcpy(void *to, const void *from, size_t count) { return memmove(to, from, count); }
        void *memset(void *to, int value, size_t count) {
            volatile char *out = to;
            while (count-- > 0) out[count] = (char)value;
            return to;
        }
        """

    @Test(arguments: targets) func threeFunctionsAreEnough(target: String, processor: String) async throws {
        let archive = try await Library.firmware(for: target, among: Self.targets.map(\.0))
        let scratch = try Scratch()
        let headers = URL(filePath: archive.path).deletingLastPathComponent().appending(path: "include").path
        var objects: [String] = []
        for (name, text) in [("program", Self.program), ("memory", Self.memory)] {
            let source = try scratch.write(text, to: "\(name).c")
            let object = scratch.url.appending(path: "\(name).o").path
            try await Command([
                Command.besideSwift("clang"), "--target=\(target)", "-mcpu=\(processor)", "-ffreestanding",
                "-fno-builtin",
                "-fshort-enums", "-std=c99", "-Os", "-Wall", "-Werror", "-I\(headers)", "-c", source, "-o", object,
            ]).succeed()
            objects.append(object)
        }
        // Every name must be found: a static link has no other place for it.
        let linked = scratch.url.appending(path: "firmware.elf").path
        try await Command(
            [Command.besideSwift("ld.lld"), "-e", "start", "--gc-sections", "-o", linked] + objects + [archive.path]
        ).succeed()
        let without = try await Command(
            [Command.besideSwift("ld.lld"), "-e", "start", "--gc-sections", "-o", linked, objects[0], archive.path]
        ).run()
        #expect(without.status != 0)
        let missing = Set(without.text.matches(of: /undefined symbol: (\w+)/).map { String($0.1) })
        #expect(missing == ["memcpy", "memmove", "memset"])
    }
}
