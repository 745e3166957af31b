// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// When to use colour.
package enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    /// On a terminal that can, unless NO_COLOR asks for none.
    case auto
    case always, never

    package static var allValueDescriptions: [String: String] {
        [
            "auto": "on a terminal, unless NO_COLOR or TERM=dumb speaks against it",
            "always": "in pipes and files, too",
            "never": "nowhere",
        ]
    }

    /// https://no-color.org, and TERM=dumb.
    package func usesColor(isTerminal: Bool, environment: [String: String]) -> Bool {
        switch self {
        case .always: true
        case .never: false
        case .auto: isTerminal && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
        }
    }
}
