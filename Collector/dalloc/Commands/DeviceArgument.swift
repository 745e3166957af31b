// SPDX-License-Identifier: Apache-2.0
//
// The device that a subcommand is about.

import ArgumentParser

struct DeviceArgument: ParsableArguments {
    @Argument(help: "The device's id, as `dalloc devices` lists it.", completion: DeviceCompletion.kind)
    var device: String

    func validate() throws {
        if device.isEmpty { throw ValidationError("DEVICE is empty; `dalloc devices` lists the ids.") }
        if !device.isSingleLine {
            throw ValidationError("DEVICE has control characters, which no id has; `dalloc devices` lists the ids.")
        }
    }
}

extension String {
    /// No control characters: schema/wire.md allows none in ids and names.
    var isSingleLine: Bool {
        unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
    }
}
