// SPDX-License-Identifier: Apache-2.0

/// Allocations of a summary that have something in common.
public struct AllocationSum: Codable, Equatable, Sendable {
    public var tag: AllocationTag
    /// Absent of others.
    public var address: Address?
    public var allocations: Int
    /// What they asked for, padding not included.
    public var bytes: Int

    public init(_ tag: AllocationTag, address: Address? = nil, allocations: Int, bytes: Int) {
        (self.tag, self.address, self.allocations, self.bytes) = (tag, address, allocations, bytes)
    }
}

extension AllocationSum: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("address", address)
            $0.field("allocations", allocations)
            $0.field("bytes", bytes)
            $0.field("tag", tag.rawValue)
        }
    }
}
