// SPDX-License-Identifier: Apache-2.0
//
// `dalloc label`: what people say of a device.

import ArgumentParser
import HeapHistory

struct LabelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "label",
        abstract: "Set or remove labels of a device.",
        discussion: """
            `dalloc devices` shows them, and --label lists the devices that have one. They stay when the device reboots or gets \
            another build. Works on the collector's machine only.

            EXAMPLES
              dalloc label sensor-01 site=berlin owner='the lab'
              dalloc label sensor-01 owner=
              dalloc devices --label site=berlin
            """)

    @OptionGroup var target: DeviceArgument

    @Argument(
        help: ArgumentHelp("NAME=VALUE sets a label, NAME= removes it.", valueName: "label"),
        transform: { text in
            guard let label = DeviceLabel(text), label.value != nil else {
                throw ValidationError(
                    "'\(text)' is no label; write site=berlin, or site= to remove it. A name has up to 63 letters, digits, dots, "
                        + "dashes and underscores, a value up to 255 bytes.")
            }
            return label
        })
    var labels: [DeviceLabel]

    @OptionGroup var options: ConnectionOptions

    func run() async throws {
        try await options.client().label(target.device, labels)
    }
}
