// SPDX-License-Identifier: Apache-2.0
//
// How an agent reaches the collector, as a Swift value that one agent takes.

public import CDallocAgent

/// A line to the collector. `import POSIXLink` brings those of Linux: `.tcp`, `.serial` and `.descriptor`.
public struct AgentLink: ~Copyable {
    let functions: dalloc_link_t
    #if !hasFeature(Embedded)
        let owner: AnyObject?
        let error: () -> String?
    #endif

    /// A line of the caller's; see dalloc_link_t in dalloc_agent.h for what the functions must do.
    /// - Parameter functions: their context must stay valid for as long as the agent lives.
    public init(unsafe functions: dalloc_link_t) {
        self.functions = functions
        #if !hasFeature(Embedded)
            (owner, error) = (nil, { nil })
        #endif
    }

    #if !hasFeature(Embedded)
        /// - Parameters:
        ///   - functions: their context belongs to `owner`, which lives as long as the agent.
        ///   - owner: kept as long as the agent lives.
        ///   - error: the cause of the last failure.
        public init(
            _ functions: dalloc_link_t, keeping owner: AnyObject, error: @escaping () -> String? = { nil }
        ) {
            (self.functions, self.owner, self.error) = (functions, owner, error)
        }
    #endif
}
