// SPDX-License-Identifier: Apache-2.0
//
// What became of a body of frames.

internal import HeapHistory

struct BodyOutcome: Sendable {
    /// Why not all of it was taken; nil when it was, but for ``limit``.
    var end: ConnectionEnd?
    var report: IngestReport
    /// A limit that kept devices or boots out.
    var limit: DeviceSession.Rejection?
    /// Why the last frame that was rejected was, in words.
    var lastRejection: String?

    init(_ end: ConnectionEnd?, _ tally: BodyTally) {
        self.end = end
        (report, limit, lastRejection) = (tally.makeReport(), tally.limit, tally.lastRejection)
    }
}
