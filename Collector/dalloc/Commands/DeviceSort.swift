// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// In which order devices are listed: by their ids, or what needs a person first.
enum DeviceSort: String, ExpressibleByArgument, CaseIterable {
    case id, usage, peak, failures
    case lastSeen = "last-seen"

    static var allValueDescriptions: [String: String] {
        [
            "id": "by id", "usage": "the fullest heap first", "peak": "the highest peak since the boot first",
            "failures": "the most failures within the hour first", "last-seen": "the longest silence first",
        ]
    }

    /// The API's word for it: ``DeviceOrder``.
    var parameter: String { rawValue.replacing("-", with: "_") }
}
