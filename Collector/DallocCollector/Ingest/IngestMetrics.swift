// SPDX-License-Identifier: Apache-2.0
//
// Counters for devices and their lines. A connection counts once for each chunk that it reads, not for each frame.

internal import HeapHistory

final class IngestMetrics: Sendable {
    /// Stored, each once.
    let frames = Counter()
    /// Of their payloads.
    let frameBytes = Counter()
    let operations = Counter()
    /// Operations that devices say they could not record.
    let lostOperations = Counter()
    let gaps = LabelledCounter<Gap.Cause>()
    /// From the line, whatever they are.
    let receivedBytes = Counter()
    let greetings = Counter()
    let repeatedFrames = Counter()
    let framesOutOfOrder = Counter()
    /// Of a type that a later version of the format has.
    let skippedFrames = Counter()
    let rejectedFrames = LabelledCounter<DeviceSession.Rejection>()
    /// Observations that found a device's clock standing.
    let standingClocks = Counter()
    /// How often reading paused because a device or an address sent more than it may.
    let throttled = Counter()
    /// From when frames were received until they are on disk.
    let storing = Histogram(bounds: Histogram.waits)
    let openedConnections = Counter()
    let refusedConnections = LabelledCounter<ConnectionTable.Refusal>()
    let failedHandshakes = LabelledCounter<HandshakeFailure>()
    let closedConnections = LabelledCounter<ConnectionEnd>()

    /// What a connection brought is on disk.
    func count(_ stored: [IngestedFrame], after wait: Duration) {
        var (bytes, done, lost) = (0, Count.zero, Count.zero)
        for frame in stored {
            bytes += frame.record.frame.payload.count
            done += frame.record.work.operations
            lost += frame.record.lost
            if frame.beginsGap, let cause = frame.gap?.cause { gaps.add(cause) }
        }
        frames.add(stored.count)
        frameBytes.add(bytes)
        operations.add(done.int)
        if !lost.isZero { lostOperations.add(lost.int) }
        storing.observe(wait)
    }
}
