// SPDX-License-Identifier: Apache-2.0

/// What was allocated under one tag in a range, as its summaries tell.
public struct AllocationShare: Codable, Equatable, Sendable {
    public var tag: AllocationTag
    /// Absent of others.
    public var address: Address?
    /// Of the boots: an address means something else in another build. Absent of others.
    public var build: String?
    public var allocations: Int
    /// What they asked for, padding not included.
    public var bytes: Int
    /// Of the bytes of all: 0 to 1.
    public var share: Double

    public init(
        _ tag: AllocationTag, address: Address? = nil, build: String? = nil, allocations: Int, bytes: Int, share: Double
    ) {
        (self.tag, self.address, self.build) = (tag, address, build)
        (self.allocations, self.bytes, self.share) = (allocations, bytes, share)
    }
}

extension AllocationShare: JSONWritable {}
