// SPDX-License-Identifier: Apache-2.0

/// The collector has as much to do as it takes on: asked again in a moment, it may have an answer.
enum Overload: String, Error, CaseIterable {
    /// As many questions wait as may.
    case waiting
    /// Answers that are not read yet take as much memory as they may.
    case memory
    /// It had no answer in time.
    case time
    /// Its answer takes more work than one question may.
    case work
}
