// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import HeapHistory

/// How much a device is to tell.
enum DetailChoice: String, ExpressibleByArgument, CaseIterable {
    case full
    case summary
    case any

    static var allValueDescriptions: [String: String] {
        [
            "full": "every operation", "summary": "figures and sums every minute or so",
            "any": "nothing is said to it: it goes on as it is",
        ]
    }

    /// As the collector names it.
    var level: DeviceDetail.Level? {
        switch self {
        case .full: .full
        case .summary: .summary
        case .any: nil
        }
    }
}
