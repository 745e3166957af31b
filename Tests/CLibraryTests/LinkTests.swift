// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Files that were compiled with another configuration than the library, or than each other, do not link, and the linker says why: a
/// heap_t of one would not be that of the other. Their headers are those of the sources, which no library stands beside.
@Suite struct LinkTests {
    struct Difference: Sendable, CustomTestStringConvertible {
        /// What the library is made with, and the program else.
        var library: Configuration = .byDefault
        /// What one file of the program has.
        let flags: [String]
        /// What the linker names.
        let option: String
        /// The library is as good for one as for the other, but the two are in one program.
        var isOfProgram = false
        var testDescription: String { flags.joined(separator: " ") + " beside " + library.name }
    }

    static let differences = [
        Difference(flags: ["-DMAX_NUM_OF_ALLOCATIONS=7"], option: "MAX_NUM_OF_ALLOCATIONS", isOfProgram: true),
        Difference(flags: ["-DALLOCATION_ALIGNMENT_BYTES=8"], option: "ALLOCATION_ALIGNMENT_BYTES"),
        Difference(flags: ["-DDALLOC_NO_ALIGNMENT"], option: "ALLOCATION_ALIGNMENT_BYTES"),
        Difference(flags: ["-DUSE_ALIGNMENT=0"], option: "ALLOCATION_ALIGNMENT_BYTES"),
        Difference(flags: ["-DFILL_FREED_MEMORY_BY_NULLS=false"], option: "FILL_FREED_MEMORY_BY_NULLS"),
        Difference(flags: ["-DDALLOC_USE_CALL_SITES"], option: "DALLOC_USE_CALL_SITES"),
        Difference(flags: ["-DUSE_THREAD_SAFETY"], option: "USE_THREAD_SAFETY"),
        Difference(flags: ["-DDALLOC_EXTERNAL_MUTEX"], option: "USE_THREAD_SAFETY"),
        Difference(
            library: .threads, flags: ["-DDALLOC_EXTERNAL_MUTEX"], option: "size_of_DALLOC_MUTEX_TYPE"),
        Difference(library: .threads, flags: ["-DDALLOC_EXTERNAL_MUTEX"], option: "layout_of_heap_t"),
    ]

    static let compilers = ["gcc", "clang"]

    private static let program = """
        #include "dalloc.h"
        heap_t heap;
        uint64_t memory[64];
        void make(void);
        int main(void) {
            make();
            void *block;
            dalloc(&heap, 8, &block);
            return block == NULL;
        }

        """

    private static let other = """
        #include "dalloc.h"
        extern heap_t heap;
        extern uint64_t memory[64];
        void make(void);
        void make(void) { heap_init(&heap, memory, sizeof memory); }

        """

    /// Compiles the two files, each with its flags, and links them with the library.
    private func link(
        _ compiler: [String], _ flags: [String], _ library: String, in scratch: Scratch, _ linking: [String] = []
    ) async throws -> Command.Finished {
        let include = "-I" + Command.repository.appending(path: "Sources/CDalloc/include").path
        let program = try scratch.write(Self.program, to: "program.c")
        let other = try scratch.write(Self.other, to: "other.c")
        for (file, its) in [(program, []), (other, flags)] {
            try await Command(compiler + ["-std=c99", include, "-c", file, "-o", file + ".o"] + its).succeed()
        }
        return try await Command(
            compiler + linking + [
                program + ".o", other + ".o", library, "-o", scratch.url.appending(path: "linked").path,
            ]
        ).run()
    }

    @Test(arguments: compilers, differences)
    func whatDiffersDoesNotLink(compiler: String, difference: Difference) async throws {
        let library = try await Library.with(difference.library)
        let scratch = try Scratch()
        let beside = difference.library.flags
        let same = try await link([compiler] + beside, [], library.archive, in: scratch, ["-lpthread"])
        #expect(same.status == 0, "\(same.text)")
        let finished = try await link(
            [compiler] + beside, difference.flags, library.archive, in: scratch, ["-lpthread"])
        #expect(finished.status != 0)
        #expect(finished.text.contains("dalloc_all_files_must_have_the_same_" + difference.option), "\(finished.text)")
        guard difference.isOfProgram else { return }
        // The library serves both.
        let both = try await link(
            [compiler] + beside + difference.flags, [], library.archive, in: scratch, ["-lpthread"])
        #expect(both.status == 0, "\(both.text)")
    }

    @Test(arguments: compilers)
    func afterLinkTimeOptimisationTheyDoNotLinkEither(compiler: String) async throws {
        let library = try await Library.with(.byDefault)
        let scratch = try Scratch()
        let optimised = [compiler, "-flto", "-O2"] + (compiler == "clang" ? ["-fuse-ld=lld"] : [])
        let same = try await link(optimised, [], library.archive, in: scratch)
        #expect(same.status == 0, "\(same.text)")
        let finished = try await link(optimised, ["-DMAX_NUM_OF_ALLOCATIONS=7"], library.archive, in: scratch)
        #expect(finished.status != 0)
        #expect(finished.text.contains("all files must have the same MAX_NUM_OF_ALLOCATIONS"), "\(finished.text)")
    }

    /// One archive for firmware that passes floats in registers, and for such that doesn't.
    @Test(
        arguments: [
            ["arm-none-eabi-gcc"],
            ["clang", "--target=armv7em-none-eabi", "-fuse-ld=lld", "-nostdlib", "-Wno-unused-command-line-argument"],
        ],
        [
            ["-mfloat-abi=soft"], ["-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"],
            ["-mfloat-abi=softfp", "-mfpu=fpv4-sp-d16"],
        ])
    func anArchiveLinksWithEachFloatABI(compiler: [String], abi: [String]) async throws {
        let archive = try await Library.firmware(for: "armv7em-none-none-eabi", among: [])
        let scratch = try Scratch()
        let flags = compiler + ["-mcpu=cortex-m4", "-mthumb", "-fshort-enums", "-ffreestanding", "-O1"] + abi
        // Without a C library for clang: what is linked is all that counts.
        let memory = """
            #include <stddef.h>
            float half(float of);
            float half(float of) { return of; }
            void *memmove(void *to, const void *from, size_t count) { return from != to && count ? to : NULL; }
            void *memcpy(void *to, const void *from, size_t count) { return from != to && count ? to : NULL; }
            void *memset(void *to, int value, size_t count) { return value == 0 && count ? to : NULL; }
            """
        let file = try scratch.write(memory, to: "memory.c")
        try await Command(flags + ["-fno-builtin", "-c", file, "-o", file + ".o"]).succeed()
        let linking = ["-nostdlib", "-Wl,-e,main", file + ".o"]
        let same = try await link(flags, [], archive.path, in: scratch, linking)
        #expect(same.status == 0, "\(same.text)")
        let finished = try await link(flags, ["-DALLOCATION_ALIGNMENT_BYTES=8"], archive.path, in: scratch, linking)
        #expect(finished.status != 0)
        #expect(
            finished.text.contains("dalloc_all_files_must_have_the_same_ALLOCATION_ALIGNMENT_BYTES"), "\(finished.text)"
        )
    }
}
