// SPDX-License-Identifier: Apache-2.0

internal import CDallocAgent

/// Everything that an agent has sent, repeated or lost so far.
public struct AgentCounters: Equatable, Sendable {
    /// Frames written to the link for the first time.
    public let framesSent: UInt32
    /// Frames written again, after a reconnect or a timeout.
    public let framesResent: UInt32
    /// Polls that found no room for a frame in the transmit buffer.
    public let framesUnsent: UInt32
    /// Operations not recorded, because the recorder was full.
    public let operationsLost: UInt32
    /// Frames from the collector that made no sense.
    public let repliesMalformed: UInt32
    /// Connections that were lost, or ended by the agent, of links that can be reset.
    public let linksLost: UInt32
    /// Times that the collector said that it does not take frames, or why it ends a connection.
    public let refusals: UInt32
    /// Frames that the spool did not keep: it was full or failed when one was due, or gave one back damaged.
    public let framesSpoolLost: UInt32
    /// The most bytes that a poll has found in a recorder. When it comes near to a recorder's size, operations will be lost soon.
    public let recorderMost: UInt32

    init(_ counters: dalloc_agent_counters_t) {
        framesSent = counters.frames_sent
        framesResent = counters.frames_resent
        framesUnsent = counters.frames_unsent
        operationsLost = counters.operations_lost
        repliesMalformed = counters.replies_malformed
        linksLost = counters.links_lost
        refusals = counters.refusals
        framesSpoolLost = counters.frames_spool_lost
        recorderMost = counters.recorder_most
    }
}
