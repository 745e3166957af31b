// SPDX-License-Identifier: Apache-2.0
//
// How a boot's clock runs from one tick on.

internal import HeapHistory

/// From `tick` on, which is at `time`.
struct ClockSegment: Equatable, Sendable {
    var tick: UInt64
    var time: Timestamp
    /// How much longer a tick takes than it should, in billionths.
    var drift: Int64
}
