// SPDX-License-Identifier: Apache-2.0
//
// How a heap gets a summary, and an agent another level.

internal import CDalloc
internal import CDallocAgent
internal import HeapWire

enum SummaryLife {
    /// - Parameter config: copied, but not its sums.
    static func start(
        _ agent: AgentPointer, _ recorder: RecorderPointer, _ summary: SummaryPointer,
        _ config: UnsafePointer<dalloc_summary_config_t>
    ) throws(AgentError) {
        let config = config.pointee
        guard AgentLife.isAttached(recorder, to: agent), recorder.pointee.summary == nil,
            UInt32(config.sum_count) <= UInt32(DALLOC_SUMMARY_SUMS_MAX), config.sums != nil || config.sum_count == 0
        else { throw .summary }
        UnsafeMutableRawPointer(summary).initializeMemory(
            as: UInt8.self, repeating: 0, count: MemoryLayout<dalloc_summary_t>.size)
        summary.pointee.config = config
        summary.pointee.keep = SummaryRecorder.keep
        dalloc_agent_port_lock(recorder)
        recorder.pointee.summary = summary
        dalloc_agent_port_unlock(recorder)
        let isFirst = agent.pointee.summaries == nil
        agent.pointee.summaries = FrameCutter.cutSummaries
        makeDue(agent)
        // The collector learns from HELLO that there are some.
        if isFirst { AgentLife.greetAnew(agent) }
    }

    static func setLevel(_ agent: AgentPointer, _ level: UInt8) {
        guard level <= Request.Level.summary.rawValue else { return }
        agent.pointee.level = level
        makeDue(agent)
    }

    /// So that the next poll acts on the level.
    private static func makeDue(_ agent: AgentPointer) {
        IdlePoll(agent: agent).end()
        var recorders = Recorders(of: agent)
        while let recorder = recorders.next() {
            if recorder.pointee.summary != nil { recorder.pointee.due_tick = agent.pointee.tick }
        }
    }
}
