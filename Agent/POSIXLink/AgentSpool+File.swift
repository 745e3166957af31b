// SPDX-License-Identifier: Apache-2.0
//
// The spool of dalloc_file_spool.h as a Swift value, which owns what it needs.

#if !hasFeature(Embedded)
    public import DallocAgent
    internal import CPOSIXLink

    extension AgentSpool {
        /// Files in a folder, which outlive the process. One that can't be opened keeps nothing: ``Agent/spoolError`` says why.
        /// - Parameters:
        ///   - folder: for this agent alone; it is made where there is none.
        ///   - bytes: the most that the files may take, 16,384 to 4,000,000,000.
        public static func file(_ folder: String, bytes: Int) -> AgentSpool {
            let memory = SpoolMemory(folder: folder, bytes: UInt64(clamping: bytes))
            return AgentSpool(memory.functions, keeping: memory) { memory.error }
        }
    }
#endif
