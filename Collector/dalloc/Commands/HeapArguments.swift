// SPDX-License-Identifier: Apache-2.0
//
// Which heap of which device: the arguments of every subcommand that looks into one heap.

import ArgumentParser

struct HeapArguments: ParsableArguments {
    @OptionGroup private var target: DeviceArgument

    @Option(help: ArgumentHelp("The heap's name or number (default: the lowest number).", valueName: "name|n"))
    var heap: String?

    var device: String { target.device }

    func validate() throws {
        if heap?.isEmpty == true { throw ValidationError("--heap is empty; give a name or a number, or leave it out.") }
        if heap?.isSingleLine == false {
            throw ValidationError("--heap has control characters, which no name has; give a name or a number.")
        }
    }
}
