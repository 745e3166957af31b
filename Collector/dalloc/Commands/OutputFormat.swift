// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// How an answer is printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    /// For people: a table, and on a terminal a picture where one says more.
    case table
    /// For programs: the collector's answer as schema/openapi.yaml describes it.
    case json
}
