// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// When to use colour.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    /// On a terminal that can, unless NO_COLOR asks for none.
    case auto
    case always, never
}
