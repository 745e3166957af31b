// SPDX-License-Identifier: Apache-2.0

internal import HeapReplica
internal import HeapWire

extension ReplicaTable {
    /// Before a frame is applied that was not exact when it came: frames before it were lost, perhaps. The digest of a watched
    /// heap, which has no sizes, may not show that again.
    func heed(_ frame: StoredFrame) {
        if layout.isWatched, !frame.isExact, replica.standing == .exact { replica.forget() }
    }
}
