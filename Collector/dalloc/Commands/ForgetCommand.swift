// SPDX-License-Identifier: Apache-2.0
//
// `dalloc forget`: removes a device with its history.

import CommandSupport
import ArgumentParser
import HeapHistory

struct ForgetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Remove a device with all that is known of it.",
        discussion: """
            It can't be undone. A device that is connected is not removed. One that reports again is a new device. Works on the \
            collector's machine only.

            EXAMPLES
              dalloc forget sensor-01
              dalloc forget sensor-01 --yes
            """)

    @OptionGroup var target: DeviceArgument

    @Flag(help: "Don't ask whether that is meant.")
    var yes = false

    @OptionGroup var options: ConnectionOptions

    func run() async throws {
        let name = target.device.printable
        if !yes {
            switch Confirmation.ask("Remove \(name) and its whole history? It can't be undone.") {
            case true?: break
            case false?:
                throw CommandFailure(
                    status: .unexpected, cause: "\(name) was not removed", wayOut: "answer y to remove it")
            case nil:
                throw ValidationError("nobody can be asked here whether to remove \(name): say --yes if that is meant.")
            }
        }
        try await options.client().forget(target.device)
    }
}
