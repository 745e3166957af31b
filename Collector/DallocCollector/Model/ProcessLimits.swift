// SPDX-License-Identifier: Apache-2.0
//
// What the process asks of the system for itself.

internal import CMalloc
internal import Foundation

enum ProcessLimits {
    /// Adds no malloc arenas to the two that exist. Threads take turns with large work, and with an arena for each of them memory
    /// would grow to the peak of each thread: half as much again, for a few percent more operations a second.
    static func addNoArenas() {
        _ = mallopt(M_ARENA_MAX, 1)
    }

    /// Files and sockets that it may have open.
    static var descriptors: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        return Int(clamping: limit.rlim_cur)
    }

    /// Allows as many open files and sockets as the system does. Returns how many that are.
    static func raiseDescriptors() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }
}
