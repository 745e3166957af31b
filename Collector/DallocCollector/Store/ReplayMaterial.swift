// What it takes to make a heap's table behind some frame: the last checkpoint before it, and the frames since.

internal import GRDB
internal import HeapWire

struct ReplayMaterial: Sendable {
    /// Nil when there is no checkpoint; then the frames start with the heap's first one.
    var checkpoint: [UInt8]?
    var payloads: [[UInt8]]

    /// Frames to replay at most. Behind an exact frame there are far fewer since the last checkpoint; a device that never becomes exact
    /// must not fill memory.
    static let mostFrames = 512

    /// Reads the material for the table behind frame `sequence`, or the last one before it.
    init(_ db: Database, heapID: Int64, through sequence: Int64) throws {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT sequence, state FROM checkpoints WHERE heap_id = ? AND sequence <= ?
                    ORDER BY sequence DESC LIMIT 1
                    """), arguments: [heapID, sequence])
        checkpoint = row.map { $0.bytes("state") }
        let start: Int64 = row?["sequence"] ?? 0
        payloads = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT payload FROM frames WHERE heap_id = ? AND sequence > ? AND sequence <= ? ORDER BY sequence
                    LIMIT \(Self.mostFrames + 1)
                    """), arguments: [heapID, start, sequence]
        ).map { $0.bytes("payload") }
        if payloads.count > Self.mostFrames { (checkpoint, payloads) = (nil, []) }
    }

    /// Replays it. The table is exact when the last frame was.
    func makeTable(_ layout: HeapLayout) -> ReplicaTable {
        let table = ReplicaTable(layout: layout)
        if let checkpoint { _ = Checkpoint.restore(checkpoint, into: table) }
        for payload in payloads {
            // What can't be read was not exact when it came either: the replica then knows nothing.
            _ = try? table.apply(payload)
        }
        return table
    }
}
