// SPDX-License-Identifier: Apache-2.0

/// What the allocations of a summary are summed by.
public enum AllocationTag: String, Codable, Sendable, CaseIterable {
    /// Where the calls that allocated return to.
    case callSite = "call_site"
    /// The pointer variable that the blocks were meant for, in a heap without call sites.
    case owner
    /// All that are not told apart.
    case others
}
