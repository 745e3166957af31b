// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Testing

/// What is chosen when the library is compiled: each test compiles it, and a C program that uses it, with other flags.
@Suite struct ConfigurationTests {
    @Test func aHeapWithoutAlignmentPacksBlocksByteByByte() throws {
        let output = try run(
            flags: ["-DDALLOC_NO_ALIGNMENT"],
            program: """
                static uint8_t memory[17];
                heap_init(&heap, memory + 1, 16);
                dalloc(&heap, 3, &a);
                dalloc(&heap, 13, &b);
                printf("%d %d %u ", (int)((uint8_t *)a - memory), (int)((uint8_t *)b - memory), (unsigned)heap.offset);
                dfree(&heap, &a, USING_PTR_ADDRESS);
                printf("%d %u", (int)((uint8_t *)b - memory), (unsigned)heap.offset);
                """)
        #expect(output == "1 4 16 1 13")
    }

    @Test func anotherAlignmentIsKept() throws {
        let output = try run(
            flags: ["-DALLOCATION_ALIGNMENT_BYTES=32"],
            program: """
                static uint8_t memory[256] __attribute__((aligned(32)));
                heap_init(&heap, memory, sizeof memory);
                dalloc(&heap, 1, &a);
                dalloc(&heap, 33, &b);
                printf("%d %u", (int)((uint8_t *)b - memory), (unsigned)heap.offset);
                """)
        #expect(output == "32 96")
    }

    /// The original's switch is not asked.
    @Test func freedMemoryKeepsItsBytesWhenItIsNotToBeFilled() throws {
        let output = try run(
            flags: ["-DFILL_FREED_MEMORY_BY_NULLS=false"],
            program: """
                static uint8_t memory[64] __attribute__((aligned(8)));
                heap_init(&heap, memory, sizeof memory);
                dalloc(&heap, 8, &a);
                dalloc(&heap, 8, &b);
                memset(a, 1, 8);
                memset(b, 2, 8);
                dfree(&heap, &a, USING_PTR_ADDRESS);
                printf("%d %d ", memory[0], memory[8]);
                printf("%d ", drealloc(&heap, 16, &b));
                printf("%d", memory[15]);
                """)
        #expect(output == "2 2 1 2")
    }

    /// The importer shows Swift no array of more than 4096 elements.
    @Test func aTableCanBeLargerThanATuple() throws {
        let output = try run(
            flags: ["-DMAX_NUM_OF_ALLOCATIONS=5000"],
            program: """
                static uint8_t memory[20000] __attribute__((aligned(8)));
                static void *p[5001];
                heap_init(&heap, memory, sizeof memory);
                for (int i = 0; i < 5000; i++) dalloc(&heap, 1, &p[i]);
                dfree(&heap, &p[0], USING_PTR_ADDRESS);
                dalloc(&heap, 4, &p[5000]);
                printf("%d %u", (int)((uint8_t *)p[5000] - memory), (unsigned)heap.alloc_info.allocations_num);
                """)
        #expect(output == "19996 5000")
    }

    /// What a program written for dalloc 1.5 does, also from C++.
    @Test func aProgramThatLooksIntoTheStructsCompilesAsCPlusPlus() throws {
        let output = try run(
            compiler: ["clang++", "-x", "c++"],
            program: """
                static uint8_t memory[64] __attribute__((aligned(8)));
                uint8_t *bytes;
                uint32_t index = 7;
                heap_init(&heap, memory, sizeof memory);
                dalloc(&heap, 10, (void **)&bytes);
                ptr_info_t *entry = &heap.alloc_info.ptr_info_arr[0];
                printf("%d %d %u ", *entry->ptr == bytes, entry->ptr == &bytes, (unsigned)entry->allocated_size);
                printf("%d ", validate_ptr(&heap, (void **)&bytes, USING_PTR_ADDRESS, &index));
                printf("%u %u %d", (unsigned)index, (unsigned)heap.offset, DALLOC_OK);
                """)
        #expect(output == "1 1 10 1 0 12 0")
    }

    // MARK: - Compiling

    /// What `program`, the body of a C main with `heap_t heap` and `void *a, *b`, prints.
    private func run(flags: [String] = [], compiler: [String] = ["clang"], program: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let sources = root.appending(path: "Sources")
        let engine = try FileManager.default.contentsOfDirectory(
            at: sources.appending(path: "Dalloc"), includingPropertiesForKeys: nil
        ).map(\.path).filter { $0.hasSuffix(".swift") }
        let folder = FileManager.default.temporaryDirectory.appending(path: "dalloc-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let text = """
            #include <stdio.h>
            #include <string.h>
            #include "dalloc.h"
            static heap_t heap;
            int main(void) {
                void *a = NULL, *b = NULL;
                (void)a; (void)b;
                \(program)
                return 0;
            }
            """
        try text.write(to: folder.appending(path: "main.c"), atomically: true, encoding: .utf8)
        let include = ["-I", sources.appending(path: "CDalloc/include").path]
        try execute(
            ["swiftc", "-enable-experimental-feature", "Embedded", "-wmo", "-no-allocations", "-Onone"]
                + ["-parse-as-library", "-swift-version", "6", "-enable-upcoming-feature", "InternalImportsByDefault"]
                + ["-module-name", "Dalloc", "-c", "-o", "dalloc.o"] + include
                + flags.flatMap { ["-Xcc", $0] } + engine,
            in: folder)
        let port = sources.appending(path: "CDalloc/dalloc_port.c").path
        try execute(["clang", "-c", "-Wall", "-Werror", port, "-o", "port.o"] + include + flags, in: folder)
        try execute(compiler + ["-Wall", "-Werror", "-c", "main.c", "-o", "main.o"] + include + flags, in: folder)
        try execute(["clang", "main.o", "dalloc.o", "port.o", "-o", "program"], in: folder)
        return try execute(["./program"], in: folder)
    }

    @discardableResult
    private func execute(_ command: [String], in folder: URL) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.currentDirectoryURL = folder
        process.standardOutput = output
        try process.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(command.prefix(3)) failed")
        return String(decoding: text, as: UTF8.self)
    }
}
