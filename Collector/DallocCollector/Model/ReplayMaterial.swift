// SPDX-License-Identifier: Apache-2.0
//
// What is needed to make a heap's table after a frame: the last stored table before it, and the frames since then.

internal import HeapReplica
internal import HeapWire

struct ReplayMaterial: Sendable {
    /// Nil when there is none; then the frames start with the heap's first one, or the first that is still there.
    var checkpoint: [UInt8]?
    var payloads: [[UInt8]]
    /// What came before was not kept.
    var isCut = false

    /// The most frames to replay. Before an exact frame there are far fewer since the last stored table; a device that never becomes exact
    /// must not fill memory.
    static let mostFrames = 512

    /// - Parameter frames: the latest first; the last of them may bring a table.
    init(backwards frames: [StoredFrame]) {
        guard frames.count <= Self.mostFrames + 1 else {
            (checkpoint, payloads) = (nil, [])
            return
        }
        checkpoint = frames.last?.state
        isCut = checkpoint == nil && (frames.last?.sequence ?? 1) > 1
        payloads = (checkpoint == nil ? frames[...] : frames.dropLast()).reversed().map(\.payload)
    }

    /// Bytes of the frames.
    var bytes: Int { payloads.reduce(0) { $0 + $1.count } }

    /// Replays it. The table is exact when the last frame was, unless the question's work ended before: ``WorkBudget``.
    func makeTable(_ layout: HeapLayout) -> ReplicaTable {
        let table = ReplicaTable(layout: layout)
        if let checkpoint { _ = Checkpoint.restore(checkpoint, into: table) }
        let work = WorkBudget.current
        for payload in payloads where work?.isOver != true {
            let before = table.replica.steps
            // What can't be read was not exact when it came either: the replica then knows nothing.
            _ = try? table.apply(payload)
            work?.spend(frame: payload, Int(clamping: table.replica.steps &- before))
        }
        return table
    }
}
