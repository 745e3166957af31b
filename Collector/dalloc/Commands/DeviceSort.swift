// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// In which order devices are listed: by their ids, or what needs a person first.
enum DeviceSort: String, ExpressibleByArgument, CaseIterable {
    case id, usage, peak, failures
    case lastSeen = "last-seen"

    /// The API's word for it: ``DeviceOrder``.
    var parameter: String { rawValue.replacing("-", with: "_") }
}
