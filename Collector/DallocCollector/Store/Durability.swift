// SPDX-License-Identifier: Apache-2.0
//
// What an acknowledged frame survives.

public enum Durability: String, CaseIterable, Sendable {
    /// A power cut: every commit waits until the disk has it.
    case power
    /// The end of the process, however sudden. After a power cut, the last commits may be missing; what is there is consistent.
    case process
}
