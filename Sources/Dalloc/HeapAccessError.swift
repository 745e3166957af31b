// SPDX-License-Identifier: Apache-2.0

/// Why bytes could not be lent, or what a closure threw that they were lent to.
public enum HeapAccessError<Failure: Error>: Error {
    /// The heap lent nothing.
    case heap(HeapError)
    /// The closure's own error.
    case body(Failure)
}

extension HeapAccessError: Sendable where Failure: Sendable {}
