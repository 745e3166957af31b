// SPDX-License-Identifier: Apache-2.0
//
// What a process with thousands of devices needs from the system.

internal import CDalloc
internal import Glibc

/// A descriptor for each device: as many as the system allows.
func allowManyDescriptors() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}

/// Workloads provoke failed allocations by the thousand, which the allocator would report one by one on stdout.
func silenceAllocator() {
    dalloc_port_set_sink { _, _, _ in }
}
