// SPDX-License-Identifier: Apache-2.0

/// The collector is busy. Asked again in a moment, it may have an answer.
enum Overload: String, Error, CaseIterable {
    /// The queue of questions is full.
    case waiting
    /// Answers that are not read yet take up the memory for answers.
    case memory
    /// It had no answer in time.
    case time
    /// Its answer takes more work than one question may.
    case work
}
