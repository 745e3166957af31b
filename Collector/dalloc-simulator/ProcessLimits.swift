// What a process with thousands of devices needs from the system.

internal import Glibc

/// A descriptor for each device: as many as the system allows.
func allowManyDescriptors() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}

/// The allocator reports failed allocations with printf, and workloads provoke them by the thousand. The simulator's own
/// messages go to stderr.
func silenceAllocator() {
    let null = open("/dev/null", O_WRONLY)
    guard null >= 0 else { return }
    dup2(null, STDOUT_FILENO)
    close(null)
}
