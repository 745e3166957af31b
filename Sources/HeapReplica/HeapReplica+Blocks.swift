// SPDX-License-Identifier: Apache-2.0
//
// Which entry an operation is about, whatever it calls its block.

public import HeapWire

extension HeapReplica {
    /// The entry of the block that an operation changes, before it; nil for an operation without one, and when it isn't known.
    public func block(of operation: Operation) -> Int? {
        switch operation {
        case .free(let depth), .resize(let depth, _), .reown(let depth, _), .orphan(let depth), .compact(let depth, _):
            knownIndex(depth)
        case .freeAt(let address), .resizeAt(let address, _, _): index(ofBlockAt: address)
        case .alloc, .allocAt, .failed, .badPointer, .reset: nil
        }
    }

    /// The entry that an operation puts its block into, after it; nil for one that puts none anywhere.
    public func target(of operation: Operation) -> Int? {
        switch operation {
        case .alloc: return Int(liveBlocks)
        case .allocAt(let address, _, _): return place(forBlockAt: address)
        case .resizeAt(let address, _, let target):
            guard let block = index(ofBlockAt: address) else { return nil }
            // Without the block, those after it stand one entry lower.
            let place = place(forBlockAt: target)
            return place > block ? place &- 1 : place
        case .free, .resize, .reown, .orphan, .compact, .freeAt, .failed, .badPointer, .reset: return nil
        }
    }

    /// Where the block is that an operation allocates.
    public func newAddress(of operation: Operation) -> UInt64? {
        switch operation {
        case .alloc: layout.baseAddress &+ end
        case .allocAt(let address, _, _): address
        default: nil
        }
    }
}
