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

    /// The heap_t of the default heap is the program's: here is where it stands, and how often it was missed.
    @Test(arguments: Configuration.all)
    func onlyTheDefaultHeapTakesStaticMemory(configuration: Configuration) async throws {
        let library = try await Library.with(configuration, amongAll: true)
        let bytes = try await Archive(path: library.archive).staticMemory()
        #expect(bytes <= (configuration.hasDefaultHeap ? 16 : 0), "\(bytes) bytes")
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
}
