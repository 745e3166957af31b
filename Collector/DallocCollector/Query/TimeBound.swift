// SPDX-License-Identifier: Apache-2.0
//
// An end of the range of a question, as a request names it.

public import HeapHistory

public enum TimeBound: Equatable, Sendable {
    case time(Timestamp)
    /// A boot of the device: where it begins, or where it ends.
    case boot(BootName)

    public enum Edge: Sendable {
        case beginning, end
    }
}
