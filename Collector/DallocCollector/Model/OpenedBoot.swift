// SPDX-License-Identifier: Apache-2.0
//
// What the history knows of a boot when its device greets: where it stopped, and what its heaps' tables were.

internal import HeapHistory
internal import HeapWire

struct OpenedBoot: Sendable {
    struct OpenedHeap: Sendable {
        var id: Int64
        var announced: DeviceHello.AnnouncedHeap
        var material: ReplayMaterial
        var lastFrame: StoredFrame?
        /// What the last frame says whose figures are known.
        var lastReported: HeapState?
        var lastExactSequence: UInt32
        var lastExactTime: Timestamp?
        var openGap: GapRecord?
        /// The last frame is a summary.
        var isLastSummary = false
    }

    var id: Int64
    /// 1, or more when the device has sent its boot id for an earlier run already.
    var run: UInt32 = 1
    var clock: BootClock
    /// The last frame that is on disk, of whatever heap; 0 when there is none.
    var lastSequence: UInt32
    /// Its tick; nil when there is none, or it is no longer kept.
    var lastTick: UInt64?
    /// The device's boots were known before; this run was not.
    var isNewRun = false
    var heaps: [OpenedHeap]
}
