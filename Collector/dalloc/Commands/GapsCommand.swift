// SPDX-License-Identifier: Apache-2.0
//
// `dalloc gaps`: what of a heap's history is known to be missing, and why.

import ArgumentParser
import HeapHistory

struct GapsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gaps",
        abstract: "List the parts of a heap's history that are known to be missing, and why.",
        discussion: """
            No question about a moment inside a gap is answered. MISSING counts operations that the device could not \
            record, or frames that the line lost; what was lost with the power nobody could count. Where a device tells of a heap in summaries, \
            the details are missing, and nothing is lost.

            EXAMPLES
              dalloc gaps sensor-01
              dalloc gaps sensor-01 --heap net --since 30d
              dalloc gaps sensor-01 --since 30d --format json
            """)

    @OptionGroup var target: HeapArguments

    @Option(
        help: ArgumentHelp("Beginning of the range (default: a day before --until).", valueName: "time"),
        transform: { try MomentArgument.time($0) })
    var since: MomentArgument?

    @Option(
        help: ArgumentHelp("End of the range (default: now).", valueName: "time"),
        transform: { try MomentArgument.time($0) })
    var until: MomentArgument?

    @OptionGroup var options: CollectorOptions

    func run() async throws {
        let range = try TimeRange(since: since, until: until, now: .now, in: options.timezone)
        range.remarks.forEach(StandardStream.note)
        let list = try await options.client().gaps(of: target.device, heap: target.heap, during: range)
        try options.show(list) { GapsView.render(list, on: $0) }
    }
}
