// SPDX-License-Identifier: Apache-2.0
//
// The memory that an Agent owns in ordinary Swift.

#if !hasFeature(Embedded)
    internal import CDalloc
    internal import CDallocAgent
    internal import Dalloc

    /// It outlives the agent, and so do the links, names and recorders in it.
    final class AgentMemory {
        struct Recorded {
            let recorder: RecorderPointer
            let name: OwnedText
            let summary: SummaryMemory
            /// Keeps the C heap where the ``Heap`` has ended; nil when it is the caller's.
            var heap: HeapControl?
        }

        let linkError: () -> String?
        let spoolError: () -> String?
        var recorded: [Recorded] = []
        private let link: AnyObject?
        private let spool: AnyObject?
        /// Nil when the caller gave them.
        private let control: AgentPointer?
        private let transmitBuffer: UnsafeMutableBufferPointer<UInt8>?
        private let names: [OwnedText]

        init(
            _ link: consuming AgentLink, owning control: AgentPointer? = nil,
            _ transmitBuffer: UnsafeMutableBufferPointer<UInt8>? = nil, names: [OwnedText] = [],
            spool: AgentSpool? = nil
        ) {
            (self.link, linkError) = (link.owner, link.error)
            (self.spool, spoolError) = (spool?.owner, spool?.error ?? { nil })
            (self.control, self.transmitBuffer, self.names) = (control, transmitBuffer, names)
        }

        /// Goes on with a recorder of that name whose heap has ended. False when there is none.
        func replaceEnded(
            _ heap: UnsafeMutablePointer<heap_t>, _ owned: HeapControl?, named name: OwnedText, in agent: AgentPointer
        ) throws(AgentError) -> Bool {
            let found = recorded.firstIndex {
                $0.recorder.pointee.heap?.pointee.mem == nil && $0.name.text == name.text
            }
            guard let found else { return false }
            guard heap.pointee.observer == nil else { throw .heapIsRecorded }
            AgentLife.replace(recorded[found].recorder, by: heap, agent)
            recorded[found].heap = owned
            return true
        }

        deinit {
            for each in recorded { each.recorder.deallocate() }
            transmitBuffer?.deallocate()
            control?.deallocate()
        }
    }
#endif
