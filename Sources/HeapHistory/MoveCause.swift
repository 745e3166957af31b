// SPDX-License-Identifier: Apache-2.0

/// What made a block move: a free, a change of size, or a lazy heap that closed a gap.
public struct MoveCause: Codable, Equatable, Sendable {
    public enum Operation: String, Codable, Sendable, CaseIterable {
        case free, resize, compact
    }

    public var operation: Operation
    /// The freed or resized block - of those that a lazy heap moved together, the first: its number in its boot, its entry, address,
    /// owner and old size in bytes.
    public var allocation: Int?
    public var index: Int
    public var address: Address
    public var size: Int
    public var owner: Address?

    public init(
        operation: Operation, allocation: Int?, index: Int, address: Address, size: Int, owner: Address?
    ) {
        (self.operation, self.allocation, self.index) = (operation, allocation, index)
        (self.address, self.size, self.owner) = (address, size, owner)
    }
}

extension MoveCause: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("address", address)
            $0.field("allocation", allocation)
            $0.field("index", index)
            $0.field("operation", operation.rawValue)
            $0.field("owner", owner)
            $0.field("size", size)
        }
    }
}
