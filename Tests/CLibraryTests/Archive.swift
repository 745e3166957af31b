// SPDX-License-Identifier: Apache-2.0
//
// What stands in a static library, as the compiler's own tools tell.

struct Archive: Sendable {
    let path: String

    /// What it asks of the program that it is linked into: what one object of it needs, and none has.
    func undefinedSymbols() async throws -> Set<String> {
        try await symbols("--undefined-only").subtracting(symbols("--defined-only"))
    }

    private func symbols(_ which: String) async throws -> Set<String> {
        let command = Command([try await Command.besideSwift("llvm-nm"), which, "--format=just-symbols", path])
        let listing = try await command.succeed()
        return Set(listing.split(separator: "\n").filter { !$0.hasSuffix(":") }.map(String.init))
    }

    /// Bytes of variables. Pointers in constants, which a hosted program relocates once, don't count.
    func staticMemory() async throws -> Int {
        let listing = try await Command([Command.besideSwift("llvm-objdump"), "--section-headers", path]).succeed()
        return listing.split(separator: "\n").reduce(0) { sum, line in
            // Idx Name Size VMA Type
            let columns = line.split(separator: " ")
            guard columns.count >= 3, let size = Int(columns[2], radix: 16) else { return sum }
            let isVariable =
                [".data", ".bss", ".sdata", ".sbss", ".tdata", ".tbss"].contains { columns[1].hasPrefix($0) }
                && !columns[1].hasPrefix(".data.rel.ro")
            return isVariable ? sum + size : sum
        }
    }
}
