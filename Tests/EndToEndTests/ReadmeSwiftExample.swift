// The Swift lines of the README, word by word.

import CDallocAgent
import CPOSIXLink
import Dalloc
import DallocAgent
import Foundation
import POSIXLink

/// Three seconds of a program whose heap a collector watches. True when all of it is stored.
func runReadmeExample(collector: UInt16) throws -> Bool {
    // README begins
    var heap = try Heap(bytes: 16_384)
    let agent = UnsafeMutablePointer<dalloc_agent_t>.allocate(capacity: 1)
    let recorder = UnsafeMutablePointer<dalloc_recorder_t>.allocate(capacity: 1)
    let tcp = UnsafeMutablePointer<dalloc_posix_link_t>.allocate(capacity: 1)
    var config = dalloc_agent_config_t()
    config.device_id = UnsafePointer(strdup("swift-agent"))
    config.build = UnsafePointer(strdup("1.0.0"))
    config.boot_id = dalloc_posix_random()
    config.ticks_per_second = 1000
    config.now = dalloc_posix_milliseconds
    config.link = dalloc_tcp_link(tcp, "127.0.0.1", collector)
    config.transmit_buffer = .allocate(capacity: 4096)
    config.transmit_size = 4096
    guard dalloc_agent_init(agent, &config) == DALLOC_OK else { return false }
    heap.withUnsafeControl { _ = dalloc_agent_attach(agent, recorder, $0, strdup("main")) }

    let log = try heap.allocate(256)
    for turn in 1...300 {
        let message = try heap.allocate(turn % 64 + 1)
        try heap.resize(log, to: 256 + turn)
        try heap.withBytes(of: message) { $0.storeBytes(of: UInt8(turn % 256), as: UInt8.self) }
        heap.free(message)
        dalloc_agent_poll(agent)
        usleep(10_000)
    }
    // README ends
    heap.free(log)
    dalloc_agent_flush(agent)
    for _ in 0..<1000 where !dalloc_agent_is_drained(agent) {
        dalloc_agent_poll(agent)
        usleep(10_000)
    }
    dalloc_posix_link_close(tcp)
    return dalloc_agent_is_drained(agent)
}
