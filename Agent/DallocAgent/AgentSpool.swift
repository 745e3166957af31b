// SPDX-License-Identifier: Apache-2.0
//
// Where an agent keeps frames while the collector is away, as a Swift value.

#if !hasFeature(Embedded)
    public import CDallocAgent

    /// A spool for one agent. `import POSIXLink` brings `.file`, a folder of files.
    public struct AgentSpool {
        let functions: UnsafeMutablePointer<dalloc_spool_t>
        let owner: AnyObject
        let error: () -> String?

        /// - Parameters:
        ///   - functions: see dalloc_agent_spool.h for what they must do. They and their context belong to `owner`.
        ///   - owner: kept as long as the agent lives.
        ///   - error: the cause of the last failure.
        public init(
            _ functions: UnsafeMutablePointer<dalloc_spool_t>, keeping owner: AnyObject,
            error: @escaping () -> String? = { nil }
        ) {
            (self.functions, self.owner, self.error) = (functions, owner, error)
        }
    }
#endif
