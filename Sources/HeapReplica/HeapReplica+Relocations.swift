// SPDX-License-Identifier: Apache-2.0
//
// What an operation would move.

public import HeapWire

extension HeapReplica {
    /// What `operation` would move; nil when it moves nothing.
    public func relocation(by operation: Operation) -> Relocation? {
        switch operation {
        case .free(let depth) where !layout.isLazy:
            guard let index = knownIndex(depth) else { return nil }
            return relocation(after: index, by: 0 &- alignedSize(index))
        case .resize(let depth, let size):
            guard let index = knownIndex(depth) else { return nil }
            return relocation(after: index, by: resized(index, to: layout.aligned(size)) &- next(after: index))
        case .compact(let depth, let bytes):
            guard let first = knownIndex(depth), let last = runEnd(from: first, bytes: UInt64(wide: bytes)) else {
                return nil
            }
            let distance = end(before: first) &- entries[first].offset
            return Relocation(cause: first, moved: first..<last, distance: Int64(bitPattern: distance))
        default: return nil
        }
    }

    /// The entry that is `depth` entries before the last one; nil where it is not known.
    public func knownIndex(_ depth: UInt32) -> Int? {
        index(depth).flatMap { $0 < known ? Int($0) : nil }
    }

    private func relocation(after index: Int, by distance: UInt64) -> Relocation? {
        guard distance != 0, index &+ 1 < Int(known) else { return nil }
        return Relocation(cause: index, moved: index &+ 1..<Int(known), distance: Int64(bitPattern: distance))
    }

    /// Bytes that a block takes, padding included.
    public func alignedSize(_ index: Int) -> UInt64 {
        layout.aligned(self[index].size)
    }
}
