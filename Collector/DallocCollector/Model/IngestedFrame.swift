// SPDX-License-Identifier: Apache-2.0
//
// What one frame adds to the history.

internal import HeapHistory
internal import HeapWire

struct IngestedFrame: Sendable {
    var record: FrameRecord
    var gap: GapRecord?
    /// Why the last failed allocation in it failed, as ``HeapSummary/failureReason`` says it.
    var failureReason: String?
    /// How full the device's recorder got, where the frame tells it.
    var recorder: RecorderFill?
    /// The gap was not known before.
    var beginsGap = false
    /// Gaps of the device's other heaps: the frames that were lost before this one may have been theirs.
    var otherGaps: [GapRecord] = []
    /// How the boot's time goes on after this frame.
    var clock: ClockSegment?
    /// The boot's time is far ahead: what comes next is another run, dated anew.
    var endsRun = false
}
