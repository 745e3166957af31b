// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// A program that sees heap_t otherwise than its library does not compile, and the compiler says why: heap_init would overwrite what
/// follows the heap.
@Suite struct LayoutTests {
    struct Language: Sendable, CustomTestStringConvertible {
        let compiler: [String]
        let suffix: String
        var testDescription: String { compiler.joined(separator: " ") }

        /// A standard without assertions has the reason in a name.
        var reason: String {
            ["-std=c99", "-std=c++98"].contains(compiler[1])
                ? "heap_t_is_not_laid_out_as_in_the_library" : "heap_t is not laid out as in the library"
        }
    }

    static let languages = [
        Language(compiler: ["gcc", "-std=c99"], suffix: "c"),
        Language(compiler: ["gcc", "-std=gnu17"], suffix: "c"),
        // This one has no long long, which the headers need.
        Language(compiler: ["g++", "-std=c++98", "-Wno-long-long"], suffix: "cpp"),
        Language(compiler: ["g++", "-std=c++17"], suffix: "cpp"),
    ]

    private func compile(
        _ language: Language, with library: Library, flags: [String] = [], before: String = ""
    ) async throws -> Command.Finished {
        let scratch = try Scratch()
        let program = "\(before)\n#include \"dalloc.h\"\n#include \"dalloc_walk.h\"\nheap_t heap;\n"
        return try await Command(
            language.compiler + ["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"] + library.programFlags
                + flags + [try scratch.write(program, to: "program." + language.suffix)]
        ).run()
    }

    private func expectRefusal(
        _ language: Language, with library: Configuration, flags: [String] = [], before: String = ""
    ) async throws {
        let library = try await Library.with(library)
        let without = try await compile(language, with: library)
        #expect(without.status == 0, "\(without.text)")
        let finished = try await compile(language, with: library, flags: flags, before: before)
        #expect(finished.status != 0 && finished.text.contains(language.reason), "\(finished.text)")
    }

    @Test(arguments: languages)
    func anotherMutexDoesNotCompile(language: Language) async throws {
        try await expectRefusal(
            language, with: .posixThreads,
            flags: [
                "-DDALLOC_MUTEX_TYPE=char", "-DDALLOC_MUTEX_CREATE()=0", "-DDALLOC_MUTEX_DELETE(m)=m",
                "-DDALLOC_MUTEX_LOCK(m)=m", "-DDALLOC_MUTEX_UNLOCK(m)=m",
            ])
    }

    @Test(arguments: languages, ["#pragma pack(1)", "#pragma pack(2)", "#pragma pack(4)"])
    func aPragmaThatPacksDoesNotCompile(language: Language, pragma: String) async throws {
        try await expectRefusal(language, with: .byDefault, before: pragma)
    }

    @Test(arguments: languages)
    func aFlagThatPacksDoesNotCompile(language: Language) async throws {
        try await expectRefusal(language, with: .posixThreads, flags: ["-fpack-struct"])
    }

    /// The headers of the sources, which no library stands beside.
    @Test(arguments: languages)
    func noPackingCompilesWithoutALibraryEither(language: Language) async throws {
        let scratch = try Scratch()
        let program = try scratch.write("#pragma pack(1)\n#include \"dalloc.h\"\n", to: "program." + language.suffix)
        let finished = try await Command(
            language.compiler + [
                "-fsyntax-only", "-I" + Command.repository.appending(path: "Sources/CDalloc/include").path, program,
            ]
        ).run()
        #expect(finished.status != 0 && finished.text.contains(language.reason), "\(finished.text)")
    }
}
