// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Programs as they are written for dalloc 1.5, against the library.
@Suite struct DropInTests {
    /// Compiles a program with warnings, and runs it; it ends with 0.
    private func run(
        _ text: String, with configuration: Configuration = .unaligned, compiler: [String] = ["gcc", "-std=gnu17"],
        under tool: [String] = []
    ) async throws {
        let library = try await Library.with(configuration)
        let scratch = try Scratch()
        let source = try scratch.write(text, to: compiler[0] == "gcc" ? "program.c" : "program.cpp")
        let program = scratch.url.appending(path: "program").path
        try await Command(
            compiler + ["-O1", "-g", "-Wall", "-Wextra", "-Werror"] + library.programFlags
                + [source, library.archive, "-lpthread", "-o", program]
        ).succeed()
        try await Command(tool + [program]).succeed()
    }

    /// What a program that counts messages must have; here they go nowhere.
    private static let preamble = """
        #include "dalloc.h"
        #ifdef __cplusplus
        extern "C"
        #endif
        int conformance_message(const char *format, ...) { (void)format; return 0; }
        uint8_t memory[512] __attribute__((aligned(8)));

        """

    // MARK: - Headers

    @Test(arguments: [["gcc", "-std=c99"], ["g++", "-std=c++11"]])
    func programsHaveTheCLibrarysHeadersFromOurs(compiler: [String]) async throws {
        try await run(
            Self.preamble + """
                int main(void) {
                    char text[16];
                    memset(text, 0, sizeof text);
                    strcpy(text, "a");
                    return printf("%s %lu\\n", text, MAX_NUM_OF_ALLOCATIONS) > 0 && strlen(text) == 1 ? 0 : 1;
                }

                """, with: .byDefault, compiler: compiler)
    }

    @Test func theMacrosOf15AreThere() async throws {
        try await run(
            Self.preamble + """
                #if DALLOC_ALIGN_UP(5) != 8 || DALLOC_ALIGN_UP(8) != 8 || ALLOCATION_ALIGNMENT_BYTES != 4
                #error "not rounded up"
                #endif
                #ifndef USE_ALIGNMENT
                #error "not aligned"
                #endif
                int main(void) {
                    unsigned long most = MAX_NUM_OF_ALLOCATIONS;
                    uint32_t size = 13;
                    return most == 100 && sizeof MAX_NUM_OF_ALLOCATIONS == sizeof most && DALLOC_ALIGN_UP(size) == 16
                        && DALLOC_ALIGN_UP((size_t)1 << 33) == (size_t)1 << 33 ? 0 : 1;
                }

                """, with: .byDefault)
    }

    @Test func theInnerFunctionsOf15AreNotThere() async throws {
        let library = try await Library.with(.byDefault)
        let listing = try await Command([
            Command.besideSwift("llvm-nm"), "--defined-only", "--extern-only", "--format=just-symbols", library.archive,
        ]).succeed()
        let symbols = Set(listing.split(separator: "\n").map(String.init))
        #expect(symbols.isDisjoint(with: ["defrag_memory", "is_ptr_address_in_heap_area"]))
        #expect(symbols.contains("dfree"))
    }

    // MARK: - Owners that are gone

    private static let leftBehind = """
        static void *outer;
        __attribute__((noinline)) static void leave_owners_behind(void) {
            void *owners[3];
            for (int index = 0; index < 3; index++) def_dalloc(16, &owners[index]);
            __asm__ volatile("" ::"r"(owners) : "memory");
        }
        __attribute__((noinline)) static bool is_kept(void (*call)(void)) {
            uintptr_t stack[64];
            for (int index = 0; index < 64; index++) stack[index] = 0x5a5a0000u + (uintptr_t)index;
            __asm__ volatile("" ::"r"(stack) : "memory");
            call();
            __asm__ volatile("" ::"r"(stack) : "memory");
            for (int index = 0; index < 64; index++)
                if (stack[index] != 0x5a5a0000u + (uintptr_t)index) return false;
            return true;
        }
        static void reset(void) { dalloc_reset_heap(); }
        static void unregister(void) { dalloc_unregister_heap(true); }
        static void end(void) { heap_deinit(dalloc_get_default_heap()); }
        static void compact(void) { def_dfree(&outer); }

        """

    @Test(arguments: ["reset", "unregister", "end", "compact"])
    func whatStandsWhereOwnersStoodIsKept(call: String) async throws {
        try await run(
            Self.preamble + Self.leftBehind + """
                int main(void) {
                    void (*const calls[])(void) = {reset, unregister, end, compact};
                    (void)calls;
                    if (!dalloc_register_heap(memory, sizeof memory)) return 2;
                    def_dalloc(32, &outer);
                    leave_owners_behind();
                    return is_kept(\(call)) ? 0 : 1;
                }

                """)
    }

    /// valgrind sees each byte that the library reads and writes.
    private static let valgrind: [String]? =
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { $0 + "/valgrind" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }
        .map { [$0, "-q", "--error-exitcode=9", "--exit-on-first-error=yes"] }

    @Test(.enabled(if: valgrind != nil, "valgrind is not installed"))
    func anOwnerNeedNotBeInitialised() async throws {
        try await run(
            Self.preamble
                + """
                int main(void) {
                    heap_t heap;
                    void **owners = malloc(3 * sizeof *owners);
                    heap_init(&heap, memory, sizeof memory);
                    for (int index = 0; index < 3; index++) dalloc(&heap, 16, &owners[index]);
                    dfree(&heap, &owners[0], USING_PTR_ADDRESS);
                    dalloc(&heap, 4096, &owners[0]);
                    int result = owners[1] == memory && owners[0] == NULL ? 0 : 1;
                    free(owners);
                    return result;
                }

                """.replacing("int main", with: "#include <stdlib.h>\nint main"), under: try #require(Self.valgrind))
    }

    @Test(.enabled(if: valgrind != nil, "valgrind is not installed"))
    func anEndAfterItsOwnersTouchesNoneOfThem() async throws {
        try await run(
            Self.preamble + """
                #include <stdlib.h>
                int main(void) {
                    static heap_t heap;
                    heap_init(&heap, memory, sizeof memory);
                    for (int index = 0; index < 3; index++) {
                        void **owner = malloc(sizeof *owner);
                        dalloc(&heap, 16, owner);
                        free(owner);
                    }
                    heap_deinit(&heap);
                    return 0;
                }

                """, under: try #require(Self.valgrind))
    }

    // MARK: - The page

    /// docs/dalloc-1.5.md: whoever changes or renames a test is told which promise it held.
    @Test func eachDifferenceThatIsDocumentedNamesATestThatExists() throws {
        let page = try String(
            contentsOf: Command.repository.appending(path: "docs/dalloc-1.5.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| ") }.map {
            $0.split(separator: "|", omittingEmptySubsequences: false).map { $0.trimmingPrefix(" ") }
        }
        let tests = try Self.sources(of: ["DallocTests", "CLibraryTests", "C/Conformance", "C/Stress"])
        var named = 0
        for row in rows where row.count > 4 && row[1].trimmingCharacters(in: .whitespaces) != "what" {
            let names = row[row.count - 2].matches(of: /`([A-Za-z0-9_]+)`/).map { String($0.1) }
            #expect(!names.isEmpty, "no test: \(row[1])")
            for name in names {
                named += 1
                let exists = tests.contains("func \(name)(") || tests.contains("static void \(name)(")
                #expect(exists, "no test \(name)")
            }
        }
        #expect(named > 20)
    }

    private static func sources(of folders: [String]) throws -> String {
        var text = ""
        for folder in folders {
            let url = Command.repository.appending(path: "Tests/" + folder)
            for name in try FileManager.default.contentsOfDirectory(atPath: url.path)
            where [".swift", ".c", ".cpp"].contains(where: name.hasSuffix) {
                text += try String(contentsOf: url.appending(path: name), encoding: .utf8)
            }
        }
        return text
    }
}
