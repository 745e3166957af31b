// SPDX-License-Identifier: Apache-2.0
//
// The functions of dalloc_agent_summary.h.

// The names are the C API's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import CDalloc
internal import CDallocAgent

@c @implementation
func dalloc_agent_summarize(
    _ agent: UnsafeMutablePointer<dalloc_agent_t>?, _ recorder: UnsafeMutablePointer<dalloc_recorder_t>?,
    _ summary: UnsafeMutablePointer<dalloc_summary_t>?, _ config: UnsafePointer<dalloc_summary_config_t>?
) -> dalloc_agent_error_t {
    let function = cString("dalloc_agent_summarize")
    guard let agent, let recorder, let summary, let config else { return refuse(DALLOC_AGENT_ERROR_NULL, in: function) }
    do throws(AgentError) {
        try SummaryLife.start(agent, recorder, summary, config)
        return DALLOC_AGENT_OK
    } catch {
        return refuse(error.code, in: function)
    }
}

@c @implementation
func dalloc_agent_set_level(_ agent: UnsafeMutablePointer<dalloc_agent_t>?, _ level: dalloc_agent_level_t) {
    if let agent { SummaryLife.setLevel(agent, UInt8(truncatingIfNeeded: min(level.rawValue, 255))) }
}
