// SPDX-License-Identifier: Apache-2.0

/// What blocks are counted under.
public struct GroupName: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// `address`: where the call that allocated them returns to.
        case callSite = "call_site"
        /// `address`: that of the pointer variable that owns them, outside of the heap.
        case variable
        /// Owned from inside a block, as in a list: `size` is the most bytes that such a block has, and more than twice the
        /// fewest; `offset` is
        /// where the variable is in it.
        case inside
        /// `size`: the most bytes that they have, and less than twice the fewest. Their owners are too many to be told apart, or unknown.
        case size
        /// Blocks without an owner. `address`: the call site, where the device tells it.
        case orphan
        /// Groups that are not told apart.
        case others
        /// The heap as a whole: what no group shows alone.
        case heap
    }

    public var groupedBy: Kind
    public var address: Address?
    public var size: Int?
    public var offset: Int?

    public init(_ groupedBy: Kind, address: Address? = nil, size: Int? = nil, offset: Int? = nil) {
        (self.groupedBy, self.address, self.size, self.offset) = (groupedBy, address, size, offset)
    }
}
