// SPDX-License-Identifier: Apache-2.0
//
// `dalloc whatif`: the same operations in another heap.

import ArgumentParser
import HeapHistory

struct WhatIfCommand: AsyncParsableCommand {
    /// How a heap of this project closes its gaps.
    enum Policy: String, ExpressibleByArgument, CaseIterable {
        case eager, lazy
    }

    static let configuration = CommandConfiguration(
        commandName: "whatif",
        abstract: "Replay what a heap did in another one: smaller, with another policy, or of another allocator.",
        discussion: """
            Up to the first failure the answer is exact for heaps of Dalloc: a real heap of that size would have failed at that \
            operation. What a program does after a failure nobody knows: figures after it assume that it goes on without the \
            block. Other allocators are simple models of first-fit and best-fit lists, TLSF and FreeRTOS's heap_4.

            EXAMPLES
              dalloc whatif sensor-01 --size 12288
              dalloc whatif sensor-01 --policy lazy --since 2d
              dalloc whatif sensor-01 --allocator heap_4 --size 16384
              dalloc whatif sensor-01 --size 12288 --format csv > use.csv
            """)

    @OptionGroup var target: HeapArguments

    @Option(help: ArgumentHelp("Bytes of the other heap (default: as on the device).", valueName: "bytes"))
    var size: UInt32?

    @Option(help: ArgumentHelp("The most blocks (default: as on the device).", valueName: "blocks"))
    var table: UInt32?

    @Option(help: "When a heap of Dalloc closes its gaps (default: as on the device).")
    var policy: Policy?

    @Option(
        help: ArgumentHelp(
            "The allocator to replay in: eager, lazy, first-fit, best-fit, tlsf or heap_4 (default: as on the device).",
            valueName: "name"),
        completion: .list(WhatIfAnswer.Allocator.allCases.map(\.rawValue)), transform: { try Self.allocator($0) })
    var allocator: WhatIfAnswer.Allocator?

    @Option(
        help: ArgumentHelp("Begin: a time or '#SEQUENCE' (default: a day before --until).", valueName: "time"),
        transform: { try MomentArgument.timeOrSequence($0, from: 0) })
    var since: MomentArgument?

    @Option(
        help: ArgumentHelp("End: a time or '#SEQUENCE' (default: now).", valueName: "time"),
        transform: { try MomentArgument.timeOrSequence($0, from: 0) })
    var until: MomentArgument?

    @OptionGroup var options: CollectorOptions

    func validate() throws {
        if size == 0 { throw ValidationError("--size takes 1 byte or more.") }
        if let table, !(1...65_535).contains(table) { throw ValidationError("--table takes 1 to 65535.") }
        if policy != nil, allocator != nil {
            throw ValidationError("--policy and --allocator name two heaps: leave one of them out.")
        }
        if table != nil, allocator.map({ !$0.isExact }) == true {
            throw ValidationError(
                "--table is for heaps of Dalloc: --allocator \(allocator?.rawValue ?? "") has no table.")
        }
        if size == nil, table == nil, policy == nil, allocator == nil {
            throw ValidationError("say what is different: --size, --table, --policy or --allocator.")
        }
    }

    func run() async throws {
        let range = try TimeRange(since: since, until: until, now: .now, in: options.timezone)
        range.remarks.forEach(StandardStream.note)
        let chosen = allocator ?? policy.flatMap { WhatIfAnswer.Allocator(rawValue: $0.rawValue) }
        let answer = try await options.client().whatIf(
            of: target.device, heap: target.heap, during: range, size: size, table: table, allocator: chosen)
        try options.show(answer) { WhatIfView.render(answer, on: $0) }
    }

    private static func allocator(_ text: String) throws -> WhatIfAnswer.Allocator {
        guard let allocator = WhatIfAnswer.Allocator(rawValue: text) else {
            let names = WhatIfAnswer.Allocator.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(text)' is no allocator that there is a model of; there are \(names).")
        }
        return allocator
    }
}
