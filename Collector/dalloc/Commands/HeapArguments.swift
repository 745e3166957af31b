// SPDX-License-Identifier: Apache-2.0
//
// Which heap of which device: the arguments of every subcommand that looks into one heap.

import ArgumentParser

struct HeapArguments: ParsableArguments {
    @Argument(help: "The device's id, as `dalloc devices` lists it.")
    var device: String

    @Option(help: ArgumentHelp("The heap's name or number (default: the lowest number).", valueName: "name|n"))
    var heap: String?

    func validate() throws {
        if device.isEmpty { throw ValidationError("DEVICE is empty; `dalloc devices` lists the ids.") }
        if !device.isSingleLine {
            throw ValidationError("DEVICE has control characters, which no id has; `dalloc devices` lists the ids.")
        }
        if heap?.isEmpty == true { throw ValidationError("--heap is empty; give a name or a number, or leave it out.") }
        if heap?.isSingleLine == false {
            throw ValidationError("--heap has control characters, which no name has; give a name or a number.")
        }
    }
}

extension String {
    /// No control characters: schema/wire.md allows none in ids and names.
    fileprivate var isSingleLine: Bool {
        unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
    }
}
