// SPDX-License-Identifier: Apache-2.0
//
// `dalloc moves`: what compaction relocated.

import ArgumentParser
import HeapHistory

struct MovesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "moves",
        abstract: "List the blocks that compaction relocated, and the free or resize that caused it.",
        discussion: """
            With '#SEQUENCE', the moves after the frame --since and up to and with the frame --until.

            EXAMPLES
              dalloc moves sensor-01 --since 10m
              dalloc moves sensor-01 --since '#1040' --until '#1042'
              dalloc moves sensor-01 --limit 20 --format json
            """)

    /// What schema/openapi.yaml allows.
    private static let limits = 1...100_000

    @OptionGroup var target: HeapArguments

    @Option(
        help: ArgumentHelp("Begin: a time or '#SEQUENCE' (default: one hour before --until).", valueName: "time"),
        transform: { try MomentArgument.timeOrSequence($0, from: 0) })
    var since: MomentArgument?

    @Option(
        help: ArgumentHelp("End: a time or '#SEQUENCE' (default: now).", valueName: "time"),
        transform: { try MomentArgument.timeOrSequence($0, from: 0) })
    var until: MomentArgument?

    @Option(help: ArgumentHelp("The most moves to list; the latest are kept.", valueName: "n"))
    var limit = 1000

    @OptionGroup var options: CollectorOptions

    func validate() throws {
        guard Self.limits.contains(limit) else {
            throw ValidationError("--limit takes \(Self.limits.lowerBound) to \(Self.limits.upperBound).")
        }
    }

    func run() async throws {
        let range = try TimeRange(since: since, until: until, now: .now, in: options.timezone)
        range.remarks.forEach(StandardStream.note)
        let list = try await options.client().moves(
            of: target.device, heap: target.heap, during: range, limit: limit)
        try options.show(list) { MovesView.render(list, on: $0) }
    }
}
