// SPDX-License-Identifier: Apache-2.0
//
// A moment in a heap's history, as a question names it.

public import HeapHistory

public enum Moment: Equatable, Sendable {
    case time(Timestamp)
    /// The last one that is known.
    case latest
    /// A frame of the current boot.
    case sequence(UInt32)
}
