// SPDX-License-Identifier: Apache-2.0
//
// `dalloc snapshot`: what a heap held at one moment.

import ArgumentParser
import HeapHistory

struct SnapshotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "Show the allocation table of a heap at one moment.",
        discussion: """
            A moment inside a gap has no table: the command says so and exits with \(Outcome.unknownInGap.rawValue).

            EXAMPLES
              dalloc snapshot sensor-01
              dalloc snapshot sensor-01 --heap net --at 10m
              dalloc snapshot sensor-01 --at 2026-11-23T03:12:00.250Z
              dalloc snapshot sensor-01 --at '#1042'
            """)

    @OptionGroup var target: HeapArguments

    @Option(
        help: ArgumentHelp("The moment, or '#SEQUENCE' of the current boot (default: now).", valueName: "time"),
        transform: { try MomentArgument.timeOrSequence($0, from: 1) })
    var at: MomentArgument?

    @OptionGroup var options: CollectorOptions

    func run() async throws {
        let now = Timestamp.now
        if let remark = at?.remark(now: now, in: options.timezone) { StandardStream.note(remark) }
        let snapshot = try await options.client().snapshot(
            of: target.device, heap: target.heap, at: try at?.resolved(now: now, in: options.timezone))
        try options.show(snapshot) { SnapshotView.render(snapshot, on: $0) }
    }
}
