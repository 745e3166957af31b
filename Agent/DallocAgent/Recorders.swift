// SPDX-License-Identifier: Apache-2.0

internal import CDallocAgent

/// The recorders of an agent, the one that was attached last first. Not a Sequence, whose methods allocate.
struct Recorders {
    private var following: RecorderPointer?

    @inline(__always)
    init(of agent: UnsafePointer<dalloc_agent_t>) { following = agent.pointee.recorders }

    @inline(__always)
    mutating func next() -> RecorderPointer? {
        let recorder = following
        following = recorder?.pointee.next
        return recorder
    }
}
