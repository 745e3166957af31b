// SPDX-License-Identifier: Apache-2.0

public struct SnapshotEntry: Codable, Equatable, Sendable {
    public var index: Int
    /// Bytes from the heap's base to the block.
    public var offset: Int
    public var address: Address
    /// Bytes asked for, padding not included.
    public var size: Int
    /// Address of the pointer variable that owns the block; absent for an orphan.
    public var owner: Address?
    /// Where the call that allocated it returns to; absent when the device doesn't say.
    public var callSite: Address?
    /// The block's number in its boot: 1 for the first allocation. Absent when it was allocated inside a gap.
    public var allocation: Int?
    /// When it was allocated; absent when that is inside a gap.
    public var allocatedAt: Timestamp?
    /// In a table that is not complete: whether the block was there then. False: it was there before operations were lost, and may
    /// have gone, or have another size. Absent in a complete table.
    public var certain: Bool?

    public init(
        index: Int, offset: Int, address: Address, size: Int, owner: Address?, callSite: Address? = nil,
        allocation: Int?, allocatedAt: Timestamp?, certain: Bool? = nil
    ) {
        (self.index, self.offset, self.address, self.size) = (index, offset, address, size)
        (self.owner, self.callSite) = (owner, callSite)
        (self.allocation, self.allocatedAt, self.certain) = (allocation, allocatedAt, certain)
    }
}

extension SnapshotEntry: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("address", address)
            $0.field("allocated_at", allocatedAt)
            $0.field("allocation", allocation)
            $0.field("call_site", callSite)
            if let certain { $0.field("certain", certain) }
            $0.field("index", index)
            $0.field("offset", offset)
            $0.field("owner", owner)
            $0.field("size", size)
        }
    }
}
