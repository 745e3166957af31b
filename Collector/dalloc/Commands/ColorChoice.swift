// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// When to use colour.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    /// On a terminal that can, unless NO_COLOR asks for none.
    case auto
    case always, never

    static var allValueDescriptions: [String: String] {
        [
            "auto": "on a terminal, unless NO_COLOR or TERM=dumb speaks against it",
            "always": "in pipes and files, too",
            "never": "nowhere",
        ]
    }
}
