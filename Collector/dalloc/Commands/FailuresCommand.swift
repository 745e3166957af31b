// SPDX-License-Identifier: Apache-2.0
//
// `dalloc failures`: each allocation that failed.

import ArgumentParser
import HeapHistory

struct FailuresCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failures",
        abstract: "List the allocations that failed: how large, why, and what was free.",
        discussion: """
            LARGEST is the largest piece of the free bytes. In a heap that closes its gaps at once it is all of them.

            EXAMPLES
              dalloc failures sensor-01
              dalloc failures sensor-01 --since 30d --limit 20
              dalloc failures sensor-01 --since 1h --limit 1 --table
            """)

    @OptionGroup var target: HeapArguments

    @Option(
        help: ArgumentHelp("Beginning of the range (default: a week before --until).", valueName: "time"),
        transform: { try MomentArgument.time($0) })
    var since: MomentArgument?

    @Option(
        help: ArgumentHelp("End of the range (default: now).", valueName: "time"),
        transform: { try MomentArgument.time($0) })
    var until: MomentArgument?

    @Option(help: ArgumentHelp("The most failures to list; the latest are kept.", valueName: "n"))
    var limit = 100

    @Flag(help: "Show the heap's table at each of these moments; of the latest 20 at most.")
    var table = false

    @OptionGroup var options: CollectorOptions

    func validate() throws {
        guard (1...1000).contains(limit) else { throw ValidationError("--limit takes 1 to 1000.") }
    }

    func run() async throws {
        let range = try TimeRange(since: since, until: until, now: .now, in: options.timezone)
        range.remarks.forEach(StandardStream.note)
        let list = try await options.client().failures(
            of: target.device, heap: target.heap, during: range, limit: limit, withTables: table)
        try options.show(list) { FailuresView.render(list, on: $0) }
    }
}
