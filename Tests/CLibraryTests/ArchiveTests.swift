// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// What the library costs and needs: nothing that a device may not have.
@Suite struct ArchiveTests {
    private static let copying: Set = ["memcmp", "memcpy", "memmove", "memset"]

    @Test(arguments: Configuration.all)
    func theLibraryAsksForNoMoreThanItsConfigurationNames(configuration: Configuration) async throws {
        let library = try await Library.with(configuration, amongAll: true)
        let symbols = try await Archive(path: library.archive).undefinedSymbols()
        #expect(symbols.subtracting(Self.copying).subtracting(configuration.symbols) == [])
        #expect(!symbols.isEmpty)
    }

    @Test(arguments: Configuration.all)
    func onlyTheDefaultHeapTakesStaticMemory(configuration: Configuration) async throws {
        let library = try await Library.with(configuration, amongAll: true)
        let bytes = try await Archive(path: library.archive).staticMemory()
        guard configuration.hasDefaultHeap else {
            #expect(bytes == 0)
            return
        }
        let heap = try await sizeOfHeap(library)
        #expect(heap...heap + 64 ~= bytes, "\(bytes) bytes, where a heap_t has \(heap)")
    }

    private static let devices = [
        "armv6m-none-none-eabi", "armv7em-none-none-eabi", "riscv32-none-none-eabi", "x86_64-unknown-none-elf",
    ]

    /// Under these names: those that compilers give them on ARM are in the library. No other helper of a compiler is needed.
    @Test(arguments: devices)
    func firmwareNeedsOnlyCopyingAndClearing(target: String) async throws {
        let archive = try await Library.firmware(for: target, among: Self.devices)
        let symbols = try await archive.undefinedSymbols()
        #expect(symbols.subtracting(["memcpy", "memmove", "memset"]) == [])
        #expect(try await archive.staticMemory() == 0)
    }

    /// As a program beside the library sees it.
    private func sizeOfHeap(_ library: Library) async throws -> Int {
        let scratch = try Scratch()
        let source = try scratch.write(
            """
            #include <stdio.h>
            #include "dalloc.h"
            int main(void) { return printf("%zu", sizeof(heap_t)) < 0; }
            """, to: "size.c")
        let program = scratch.url.appending(path: "size").path
        try await Command(["gcc", "-std=c99", "-Werror"] + library.programFlags + [source, "-o", program]).succeed()
        return try #require(Int(try await Command([program]).succeed()))
    }
}
