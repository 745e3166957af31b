// SPDX-License-Identifier: Apache-2.0
//
// The functions of dalloc_watch.h.

// The names are the C API's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import CDalloc
internal import CDallocAgent
internal import HeapWire

@c @implementation
func dalloc_agent_watch(
    _ agent: UnsafeMutablePointer<dalloc_agent_t>?, _ watch: UnsafeMutablePointer<dalloc_watch_t>?,
    _ config: UnsafePointer<dalloc_watch_config_t>?
) -> dalloc_agent_error_t {
    let buffer = watch.map { dalloc_agent_port_own_buffer(dalloc_agent_port_watch_recorder($0)) }
    return dalloc_agent_watch_with_buffer(agent, watch, config, buffer, dalloc_agent_port_own_bytes())
}

@c @implementation
func dalloc_agent_watch_with_buffer(
    _ agent: UnsafeMutablePointer<dalloc_agent_t>?, _ watch: UnsafeMutablePointer<dalloc_watch_t>?,
    _ config: UnsafePointer<dalloc_watch_config_t>?, _ buffer: UnsafeMutablePointer<UInt8>?, _ bytes: UInt32
) -> dalloc_agent_error_t {
    let function = cString("dalloc_agent_watch")
    guard let agent, let watch, let config else { return refuse(DALLOC_AGENT_ERROR_NULL, in: function) }
    do throws(AgentError) {
        try WatchLife.start(agent, watch, config, buffer, bytes)
        return DALLOC_AGENT_OK
    } catch {
        return refuse(error.code, in: function)
    }
}

@c @implementation
func dalloc_watch_alloc(_ watch: UnsafeMutablePointer<dalloc_watch_t>?, _ block: UnsafeRawPointer?, _ size: UInt32) {
    dalloc_watch_alloc_from(watch, block, size, nil)
}

@c @implementation
func dalloc_watch_alloc_from(
    _ watch: UnsafeMutablePointer<dalloc_watch_t>?, _ block: UnsafeRawPointer?, _ size: UInt32,
    _ site: UnsafeRawPointer?
) {
    guard let watch, let block else { return }
    WatchRecorder(watch: watch).locked {
        $0.alloc(UInt(bitPattern: block), max(size, 1), UInt(bitPattern: site))
    }
}

@c @implementation
func dalloc_watch_free(_ watch: UnsafeMutablePointer<dalloc_watch_t>?, _ block: UnsafeRawPointer?) {
    guard let watch, let block else { return }
    WatchRecorder(watch: watch).locked { $0.free(UInt(bitPattern: block)) }
}

@c @implementation
func dalloc_watch_resize(
    _ watch: UnsafeMutablePointer<dalloc_watch_t>?, _ old: UnsafeRawPointer?, _ block: UnsafeRawPointer?,
    _ size: UInt32
) {
    guard let watch else { return }
    guard let old, let block else {
        dalloc_watch_free(watch, old)
        return dalloc_watch_alloc(watch, block, size)
    }
    WatchRecorder(watch: watch).locked {
        $0.resize(UInt(bitPattern: old), UInt(bitPattern: block), max(size, 1))
    }
}

@c @implementation
func dalloc_watch_failed(
    _ watch: UnsafeMutablePointer<dalloc_watch_t>?, _ size: UInt32, _ why: dalloc_watch_why_t
) {
    guard let watch else { return }
    // Three causes are known.
    WatchRecorder(watch: watch).locked { $0.fail(size, min(UInt32(why.rawValue), 2), 0) }
}

@c @implementation
func dalloc_watch_reset(_ watch: UnsafeMutablePointer<dalloc_watch_t>?) {
    guard let watch else { return }
    WatchRecorder(watch: watch).locked { $0.reset() }
}

@c @implementation
func dalloc_watch_lock(_ watch: UnsafeMutablePointer<dalloc_watch_t>?) {
    guard let watch else { return }
    dalloc_agent_port_lock(dalloc_agent_port_watch_recorder(watch))
}

@c @implementation
func dalloc_watch_unlock(_ watch: UnsafeMutablePointer<dalloc_watch_t>?) {
    guard let watch else { return }
    dalloc_agent_port_unlock(dalloc_agent_port_watch_recorder(watch))
}
