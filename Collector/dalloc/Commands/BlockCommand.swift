// SPDX-License-Identifier: Apache-2.0
//
// `dalloc block`: the life of one block.

import ArgumentParser
import HeapHistory

struct BlockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "block",
        abstract: "Tell the life of one block: who allocated it, where it moved, who owned it, when it was freed.",
        discussion: """
            BLOCK is the block's number in its boot, as `dalloc snapshot`, `dalloc ops` and `dalloc moves` show it. A shell takes \
            # for a comment: quote it, or leave it out.

            EXAMPLES
              dalloc block sensor-01 '#1234'
              dalloc block sensor-01 1234 --boot 8f3a01c2
              dalloc block sensor-01 1234 --format json
            """)

    @OptionGroup var target: HeapArguments

    @Argument(help: "The block's number: '#1234' or 1234.", transform: { try Self.number($0) })
    var block: UInt64

    @Option(
        help: ArgumentHelp(
            "The boot that had the block, as `dalloc boots` lists it (default: the latest).", valueName: "id"),
        transform: { try Self.boot($0) })
    var boot: BootName?

    @Option(help: ArgumentHelp("The most events to list: the first one, and the latest.", valueName: "n"))
    var limit = 1000

    @OptionGroup var options: CollectorOptions

    func validate() throws {
        guard (2...10_000).contains(limit) else { throw ValidationError("--limit takes 2 to 10000.") }
    }

    func run() async throws {
        let life = try await options.client().block(
            block, of: target.device, heap: target.heap, boot: boot, limit: limit)
        try options.show(life) { BlockView.render(life, on: $0) }
    }

    private static func number(_ text: String) throws -> UInt64 {
        guard let number = UInt64(text.hasPrefix("#") ? text.dropFirst() : text[...]), number > 0 else {
            throw ValidationError("'\(text)' is no block; write its number, such as 1234 or '#1234'.")
        }
        return number
    }

    private static func boot(_ text: String) throws -> BootName {
        guard let boot = BootName(bound: text) ?? BootName(text) else {
            throw ValidationError("'\(text)' is no boot; write it as `dalloc boots` lists it.")
        }
        return boot
    }
}
