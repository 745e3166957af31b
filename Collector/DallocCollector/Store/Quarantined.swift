// SPDX-License-Identifier: Apache-2.0
//
// Why a device's frames are not taken, or questions about it not answered.

struct Quarantined: Error, CustomStringConvertible {
    let device: String
    let reason: String

    var description: String { "The device \(device) is set aside: \(reason)." }
}
