// SPDX-License-Identifier: Apache-2.0

/// An answer as people read it.
struct Rendering: Equatable, Sendable {
    /// For standard output; ends with a line feed unless it is empty.
    var text: String
    /// Sentences for standard error: why there is nothing to see, or not all.
    var remarks: [String] = []
}
