// SPDX-License-Identifier: Apache-2.0
//
// How much a device is to tell, and whether it knows.

import CommandSupport
import HeapHistory

enum DetailView {
    static func render(_ answer: DeviceDetail) -> Rendering { Rendering(text: sentence(answer) + "\n") }

    /// `sensor-01 is to tell of its heaps in summaries, and was told so.`
    static func sentence(_ answer: DeviceDetail) -> String {
        let device = answer.device.printable
        let wish: String
        switch answer.detail {
        case .summary?: wish = "\(device) is to tell of its heaps in summaries"
        case .full?: wish = "\(device) is to tell every operation"
        case nil: return "Nothing is said to \(device) of how much to tell: it goes on as it is."
        }
        if answer.told { return wish + ", and was told so." }
        guard answer.connected else { return wish + ", and is told so when it connects." }
        return wish + ". It is connected, but was not told: it does not listen now."
    }
}
