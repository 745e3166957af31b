// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// A configuration header is the user's, and is compiled as the user's compiler would: whatever gcc takes without a word.
@Suite struct UserHeaderTests {
    private static let header = """
        #include <pthread.h>
        #include <stdlib.h>
        #define MAX_NUM_OF_ALLOCATIONS 60
        #ifndef RETRIES
        #define RETRIES 3
        #endif
        static int nobody_calls_this(int a) { return a + RETRIES; }
        static inline void barrier(void) { asm volatile("" ::: "memory"); }
        #define USE_THREAD_SAFETY
        #define DALLOC_MUTEX_TYPE pthread_mutex_t *
        #define DALLOC_MUTEX_CREATE() ({ \\
            pthread_mutex_t *made = malloc(sizeof *made); \\
            if (made) pthread_mutex_init(made, NULL); \\
            made; \\
        })
        #define DALLOC_MUTEX_DELETE(m) do { if (m) { pthread_mutex_destroy(m); free(m); } } while (0)
        #define DALLOC_MUTEX_LOCK(m) do { barrier(); if (m) pthread_mutex_lock(m); } while (0)
        #define DALLOC_MUTEX_UNLOCK(m) do { if (m) pthread_mutex_unlock(m); } while (0)

        """

    private static let program = """
        #include "dalloc.h"
        static uint8_t memory[256] __attribute__((aligned(8)));
        static heap_t heap;
        int main(void) {
            void *a, *b;
            heap_init(&heap, memory, sizeof memory);
            dalloc(&heap, 16, &a);
            dalloc(&heap, 16, &b);
            dfree(&heap, &a, USING_PTR_ADDRESS);
            bool moved = b == memory;
            heap_deinit(&heap);
            return moved && MAX_NUM_OF_ALLOCATIONS == 60 && RETRIES == 5 ? 0 : 1;
        }

        """

    /// With a mutex that is not recursive, statements in expressions, functions that nobody calls, options that are flags as well, and
    /// blanks in the paths of all of it.
    @Test func whatGccTakesIsTaken() async throws {
        let scratch = try Scratch()
        let folder = scratch.url.appending(path: "a folder")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let header = try scratch.write(Self.header, to: "a folder/my conf.h")
        let output = folder.appending(path: "out put")
        try await Command([
            "make", "c-library", "CONF=" + header, "OUTPUT=" + output.path,
            "FLAGS=-DMAX_NUM_OF_ALLOCATIONS=7 -DRETRIES=5",
        ]).succeed()
        let source = try scratch.write(Self.program, to: "a folder/program.c")
        let binary = folder.appending(path: "program").path
        try await Command([
            "gcc", "-I" + output.appending(path: "include").path, source, output.appending(path: "libdalloc.a").path,
            "-lpthread", "-o", binary,
        ]).succeed()
        try await Command([binary]).succeed()
    }

    /// It may be called as the library's, stand in a folder of headers, and guard itself as anybody would.
    @Test(arguments: ["DALLOC_CONF_H", "MY_DALLOC_CONF_H"])
    func aHeaderMayHaveTheNameOfTheLibrarys(guarding: String) async throws {
        let scratch = try Scratch()
        let folder = scratch.url.appending(path: "config")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        _ = try scratch.write(
            "#ifndef \(guarding)\n#define \(guarding)\n#define ALLOCATION_ALIGNMENT_BYTES 16\n#endif\n",
            to: "config/dalloc_conf.h")
        let library = scratch.url.appending(path: "library")
        try await Library.build(
            in: library, flags: [#"-DDALLOC_CUSTOM_CONF_FILE="dalloc_conf.h""#, "-I" + folder.path]
        ).succeed()
        let source = try scratch.write(
            """
            #include "dalloc.h"
            static uint8_t memory[256] __attribute__((aligned(16)));
            static heap_t heap;
            int main(void) {
                void *a, *b;
                heap_init(&heap, memory + 8, 64);
                if (heap.mem != NULL) return 2;
                heap_init(&heap, memory, sizeof memory);
                dalloc(&heap, 1, &a);
                dalloc(&heap, 1, &b);
                return MAX_NUM_OF_ALLOCATIONS == 100 && ALLOCATION_ALIGNMENT_BYTES == 16 && b == memory + 16 ? 0 : 1;
            }

            """, to: "program.c")
        for include in [[], ["-I" + folder.path]] {
            let binary = scratch.url.appending(path: "program").path
            try await Command(
                ["gcc"] + include + [
                    "-I" + library.appending(path: "include").path, source, library.appending(path: "libdalloc.a").path,
                    "-o", binary,
                ]
            ).succeed()
            try await Command([binary]).succeed()
        }
    }

    /// The library's own files are held to more.
    @Test func aMistakeInAHeaderIsStillAnError() async throws {
        let scratch = try Scratch()
        _ = try scratch.write("#define MAX_NUM_OF_ALLOCATIONS 0\n", to: "wrong.h")
        let finished = try await Library.build(
            in: scratch.url.appending(path: "library"),
            flags: [#"-DDALLOC_CUSTOM_CONF_FILE="wrong.h""#, "-I" + scratch.url.path]
        ).run()
        #expect(finished.status != 0 && finished.text.contains("MAX_NUM_OF_ALLOCATIONS must be between 1 and 65535"))
    }

    /// As on a device that has dalloc 1.5 with a plain mutex.
    @Test(arguments: [
        ("configUSE_RECURSIVE_MUTEXES=0", "set configUSE_RECURSIVE_MUTEXES to 1"),
        ("DALLOC_MUTEX_LOCK(m)=(void)(m)", "only one of DALLOC_MUTEX_LOCK(m) and DALLOC_MUTEX_UNLOCK(m) is defined"),
    ])
    func freeRTOSWithoutRecursiveMutexesIsAnErrorThatSaysWhatToDo(definition: String, message: String) async throws {
        let finished = try await syntax(["-DUSE_FREE_RTOS", "-D" + definition])
        #expect(finished.status != 0 && finished.text.contains(message), "\(finished.text)")
    }

    @Test func eachMacroOfTheMutexMayBeTheUsersBesideFreeRTOS() async throws {
        let finished = try await syntax(["-DUSE_FREE_RTOS", "-DDALLOC_MUTEX_CREATE()=board_mutex()"])
        #expect(finished.status == 0, "\(finished.text)")
    }

    private func syntax(_ flags: [String]) async throws -> Command.Finished {
        let scratch = try Scratch()
        let headers =
            ["-I" + Command.repository.appending(path: "Sources/CDalloc/include").path] + Library.testHeaders
        return try await Command(
            ["gcc", "-fsyntax-only"] + headers + flags
                + [try scratch.write("#include \"dalloc.h\"\nheap_t heap;\n", to: "program.c")]
        ).run()
    }
}
