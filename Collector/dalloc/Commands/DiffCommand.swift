// SPDX-License-Identifier: Apache-2.0
//
// `dalloc diff`: what came, went, grew and moved between two moments.

import ArgumentParser
import HeapHistory

struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare a heap's table at two moments: what came, went, grew and moved.",
        discussion: """
            Blocks are the same when they have the same number in the same boot, wherever they are. Across a reset everything \
            is new.

            EXAMPLES
              dalloc diff sensor-01 1h
              dalloc diff sensor-01 03:10 03:20
              dalloc diff sensor-01 '#1040' '#1042' --format csv
            """)

    @OptionGroup var target: HeapArguments

    @Argument(
        help: "The earlier moment: a time or '#SEQUENCE'.",
        transform: { try MomentArgument.timeOrSequence($0, from: 1) })
    var from: MomentArgument

    @Argument(
        help: "The later moment (default: the last table that is known).",
        transform: { try MomentArgument.timeOrSequence($0, from: 1) })
    var to: MomentArgument?

    @OptionGroup var options: CollectorOptions

    func run() async throws {
        let now = Timestamp.now
        let (from, to) = (
            try from.resolved(now: now, in: options.timezone), try to?.resolved(now: now, in: options.timezone)
        )
        let remarks = [self.from, self.to].compactMap { $0?.remark(now: now, in: options.timezone) }
        remarks.forEach(StandardStream.note)
        let difference = try await options.client().difference(of: target.device, heap: target.heap, from: from, to: to)
        try options.show(difference) { DiffView.render(difference, on: $0) }
    }
}
