// SPDX-License-Identifier: Apache-2.0
//
// A device with a spool in a folder, from its start to its end.

import CDallocAgent
import CPOSIXLink
import TestSupport

final class SpooledBoot {
    let device: WatchedDevice
    private let spool = UnsafeMutablePointer<dalloc_file_spool_t>.allocate(capacity: 1)

    init(_ boot: UInt32, _ collector: RunningCollector) throws {
        guard dalloc_file_spool_open(spool, collector.scratch["spool"], 1_000_000) else {
            throw TimedOut(description: String(cString: dalloc_file_spool_error(spool)))
        }
        let functions = UnsafeMutableRawPointer(spool).assumingMemoryBound(to: dalloc_spool_t.self)
        device = try WatchedDevice(
            "pump", port: collector.port, boot: boot, isOneWay: false, transmit: 1024, seed: UInt64(boot),
            spool: functions)
    }

    deinit { spool.deallocate() }

    func work(frames: Int) async throws {
        let last = device.lastFrame + frames
        try await wait(for: "\(frames) frames", seconds: 120, pause: .milliseconds(1)) {
            device.work()
            return device.lastFrame >= last
        }
    }

    func drain() async throws {
        try await wait(for: "the spool to be empty", seconds: 60, pause: .milliseconds(1)) {
            device.poll()
            return device.isDrained
        }
    }

    /// As kill -9 does: its descriptors are closed, and nothing else happens. Returns the last frame that outlives it.
    func kill() -> Int {
        dalloc_file_spool_close(spool)
        return device.lastKept
    }
}
