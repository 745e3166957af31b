// SPDX-License-Identifier: Apache-2.0

/// A table made from the observer's events alone.
struct ReplayModel {
    private(set) var rows: [(size: UInt32, owner: UInt)] = []
    let base: UInt

    init(base: UInt) {
        self.base = base
    }

    /// Nil, or what an event says that can't be.
    mutating func apply(_ event: Event) -> String? {
        switch event {
        case .alloc(let index, let size, let owner):
            guard index == rows.count else { return "an allocation at \(index) of \(rows.count)" }
            rows.append((size, owner))
        case .free(let index):
            guard index < rows.count else { return "a free of \(index) of \(rows.count)" }
            let gap = padded(rows[index].size)
            moveOwners(after: index, by: 0 &- gap)
            rows.remove(at: index)
        case .resize(let index, let size):
            guard index < rows.count else { return "a resize of \(index) of \(rows.count)" }
            moveOwners(after: index, by: padded(size) &- padded(rows[index].size))
            rows[index].size = size
        case .reown(let index, let owner, let old):
            guard index < rows.count else { return "a new owner for \(index) of \(rows.count)" }
            guard rows[index].owner == old else { return "another owner of \(index) before" }
            rows[index].owner = owner
        case .orphan(let index):
            guard index < rows.count, rows[index].owner != 0 else { return "no orphan at \(index) of \(rows.count)" }
            rows[index].owner = 0
        case .failed, .badPointer: break
        case .reset: rows = []
        case .markFree, .compact, .pin, .unpin: return "an operation of a heap that can have gaps"
        }
        return nil
    }

    private func padded(_ size: UInt32) -> UInt {
        (UInt(size) + 3) & ~3
    }

    private mutating func moveOwners(after index: Int, by distance: UInt) {
        let start = base + rows[...index].reduce(0) { $0 + padded($1.size) }
        let end = start + rows[(index + 1)...].reduce(0) { $0 + padded($1.size) }
        for row in rows.indices where rows[row].owner >= start && rows[row].owner < end {
            rows[row].owner &+= distance
        }
    }
}
