// SPDX-License-Identifier: Apache-2.0

public import HeapHistory

/// The heap that a device might have had. What is nil is as on the device.
public struct OtherHeap: Sendable {
    /// Nil: the device's policy.
    public var allocator: WhatIfAnswer.Allocator?
    /// Bytes.
    public var size: UInt32?
    /// The most blocks; only the heaps of this project have such a number.
    public var tableSize: UInt32?

    public init(allocator: WhatIfAnswer.Allocator? = nil, size: UInt32? = nil, tableSize: UInt32? = nil) {
        (self.allocator, self.size, self.tableSize) = (allocator, size, tableSize)
    }
}
