// SPDX-License-Identifier: Apache-2.0
//
// `dalloc ops`: everything that happened in a heap, operation by operation.

import ArgumentParser
import HeapHistory

struct OpsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ops",
        abstract: "List every operation of a heap, and what it did.",
        discussion: """
            An allocation, a free, a resize, a new owner, a pin, a failure: in order, with the block, its address and owner, what \
            compaction moved because of it, and the use after it. With '#SEQUENCE', the operations after the frame --since and \
            up to and with the frame --until.

            EXAMPLES
              dalloc ops sensor-01 --since 10m
              dalloc ops sensor-01 --since '#1040' --until '#1042'
              dalloc ops sensor-01 --since boot:8f3a01c2 --limit 0 --format ndjson | jq 'select(.operation == "failed")'
            """)

    /// Operations that one question asks for: what schema/openapi.yaml allows.
    private static let page = 10_000

    @OptionGroup var target: HeapArguments

    @Option(
        help: ArgumentHelp("Begin: a time or '#SEQUENCE' (default: one hour before --until).", valueName: "time"),
        transform: { try MomentArgument.timeOrSequence($0, from: 0) })
    var since: MomentArgument?

    @Option(
        help: ArgumentHelp("End: a time or '#SEQUENCE' (default: now).", valueName: "time"),
        transform: { try MomentArgument.timeOrSequence($0, from: 0) })
    var until: MomentArgument?

    @Option(help: ArgumentHelp("The most operations to list, from --since on; 0 for all.", valueName: "n"))
    var limit = 1000

    @OptionGroup var options: CollectorOptions

    func validate() throws {
        guard limit >= 0 else { throw ValidationError("--limit takes 0 or more.") }
        if limit == 0, options.format == .json {
            throw ValidationError("--limit 0 lists without end, which JSON can't be: use --format ndjson or csv.")
        }
    }

    func run() async throws {
        let range = try TimeRange(since: since, until: until, now: .now, in: options.timezone)
        range.remarks.forEach(StandardStream.note)
        if options.format == .json { return try await showJSON(range) }
        let client = try options.client()
        var (left, after) = (limit == 0 ? Int.max : limit, String?.none)
        var (view, lines) = (OpsView(on: options.screen), options.list(of: HeapOperation.self))
        while true {
            let list = try await client.operations(
                of: target.device, heap: target.heap, during: range, after: after, limit: min(left, Self.page))
            if options.format == .table {
                try options.write(view.rows(of: list))
            } else {
                try lines.write(list.operations)
            }
            left -= list.operations.count
            guard left > 0, let next = list.next else {
                OpsView.remarks(list, isCut: list.next != nil, on: options.screen).forEach(StandardStream.note)
                return
            }
            after = next
        }
    }

    private func showJSON(_ range: TimeRange) async throws {
        let list = try await options.client().operations(
            of: target.device, heap: target.heap, during: range, after: nil, limit: min(limit, Self.page))
        try options.show(list) { _ in Rendering(text: "") }
    }
}
