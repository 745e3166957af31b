// SPDX-License-Identifier: Apache-2.0
//
// `diff`: two snapshots of a heap, compared block by block.

public import HeapHistory

extension HistoryQuery {
    /// - Throws: ``Problem`` when there is no such device, heap or frame, or one of the moments lies in a gap.
    public func difference(device: String, heap: String?, from: Moment, to: Moment) async throws -> HeapDifference {
        let (before, after) = (
            try await snapshot(device: device, heap: heap, at: from),
            try await snapshot(device: device, heap: heap, at: to)
        )
        guard before.at <= after.at else {
            throw Problem(
                .badRequest, "The first moment, \(before.at), is later than the second, \(after.at).",
                hint: "Give the earlier moment first.")
        }
        return HeapDifference(before, after)
    }
}

extension HeapDifference {
    init(_ before: Snapshot, _ after: Snapshot) {
        self.init(
            device: after.device, heap: after.heap, name: after.name, from: Side(before), to: Side(after), unchanged: 0,
            changes: [])
        // Numbers count in a boot; what was allocated in a gap has none, and is not known to be the same.
        let isOneBoot =
            before.boot == after.boot && before.baseAddress == after.baseAddress && before.size == after.size
        var earlier: [Int: SnapshotEntry] = [:]
        if isOneBoot {
            for entry in before.entries { if let number = entry.allocation { earlier[number] = entry } }
        }
        var moved: [Change] = []
        for entry in after.entries {
            guard let number = entry.allocation, let old = earlier.removeValue(forKey: number) else {
                changes.append(Change(.came, entry))
                continue
            }
            if entry.size != old.size {
                changes.append(Change(entry.size > old.size ? .grew : .shrank, entry, before: old))
            } else if entry.owner != old.owner {
                changes.append(Change(.reowned, entry, before: old))
            } else if entry.address != old.address {
                moved.append(Change(.moved, entry, before: old))
            } else {
                unchanged += 1
            }
        }
        changes += moved
        changes += before.entries.filter { entry in
            !isOneBoot || entry.allocation == nil || entry.allocation.map { earlier[$0] != nil } == true
        }.map { Change(.went, $0) }
    }
}

extension HeapDifference.Side {
    fileprivate init(_ snapshot: Snapshot) {
        self.init(
            at: snapshot.at, boot: snapshot.boot, build: snapshot.build, sequence: snapshot.sequence,
            used: snapshot.used,
            liveBlocks: snapshot.entries.count)
    }
}
