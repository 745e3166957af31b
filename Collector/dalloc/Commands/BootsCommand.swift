// SPDX-License-Identifier: Apache-2.0
//
// `dalloc boots`: the runs of a device.

import ArgumentParser
import HeapHistory

struct BootsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "boots",
        abstract: "List the runs of a device, from reset to reset, the latest first.",
        discussion: """
            The BOOT of a row can stand for a moment in other commands: --since boot:8f3a01c2 is where it begins.

            EXAMPLES
              dalloc boots sensor-01
              dalloc boots sensor-01 --limit 5
              dalloc ops sensor-01 --since boot:8f3a01c2
            """)

    @Argument(help: "The device's id, as `dalloc devices` lists it.", completion: DeviceCompletion.kind)
    var device: String

    @Option(help: ArgumentHelp("The most boots to list.", valueName: "n"))
    var limit = 100

    @OptionGroup var options: CollectorOptions

    func validate() throws {
        guard (1...1000).contains(limit) else { throw ValidationError("--limit takes 1 to 1000.") }
    }

    func run() async throws {
        let list = try await options.client().boots(of: device, after: nil, limit: limit)
        try options.show(list) { BootsView.render(list, on: $0) }
    }
}
