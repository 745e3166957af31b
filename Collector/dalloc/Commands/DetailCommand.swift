// SPDX-License-Identifier: Apache-2.0
//
// `dalloc detail`: how much a device tells of its heaps.

import ArgumentParser
import HeapHistory

struct DetailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detail",
        abstract: "Show or set how much a device tells of its heaps.",
        discussion: """
            In summaries a device tells its figures and what was asked for, every minute or so, in place of each operation: for lines \
            where each byte costs. What it held at a moment is not known then. The device is told at once when it is connected, and \
            each time that it connects; say it again where a line may have lost it. One that does not offer summaries can't be told, \
            and the command exits with \(Outcome.unexpected.rawValue). Setting works on the collector's machine only.

            EXAMPLES
              dalloc detail sensor-01
              dalloc detail sensor-01 summary
              dalloc detail sensor-01 full --format json
              dalloc detail sensor-01 any
            """)

    @OptionGroup var target: DeviceArgument

    @Argument(help: "What the device is to tell from now on (default: shows what was set).")
    var detail: DetailChoice?

    @OptionGroup var options: CollectorOptions

    func run() async throws {
        let client = try options.client()
        let answer =
            if let detail {
                try await client.set(detail.level, of: target.device)
            } else {
                try await client.detail(of: target.device)
            }
        try options.show(answer) { _ in DetailView.render(answer) }
    }
}
