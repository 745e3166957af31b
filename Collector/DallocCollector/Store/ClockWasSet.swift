// SPDX-License-Identifier: Apache-2.0
//
// The boot was opened by a clock that has been set since: the device greets again.

struct ClockWasSet: Error, CustomStringConvertible {
    var description: String { "The collector's clock was set: the device has to greet again." }
}
