// SPDX-License-Identifier: Apache-2.0
//
// SIGTERM and SIGINT as a wish to stop, SIGHUP as one to read files again. Dispatch, which ServiceLifecycle listens with, sets the action
// of a signal back to the default when it comes, and blocks it until it has read it; on a busy machine the main thread may unblock it
// before, and the process ends at once.

internal import Foundation
internal import Synchronization

enum StopSignals {
    /// Where the handler writes to; -1: nobody waits.
    private static let writeEnd = Atomic<CInt>(-1)

    /// From here on, calls `stop` or `reload` when one of them comes, on a thread of its own.
    static func handle(stop: @escaping @Sendable () -> Void, reload: (@Sendable () -> Void)? = nil) {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let read = ends[0]
        writeEnd.store(ends[1], ordering: .releasing)
        let waiter = Thread {
            var byte: UInt8 = 0
            while true {
                let count = Foundation.read(read, &byte, 1)
                if count == 1 { byte == 1 ? stop() : reload?() } else if count == 0 || errno != EINTR { return }
            }
        }
        waiter.stackSize = 65_536
        waiter.start()
        for number in reload == nil ? [SIGTERM, SIGINT] : [SIGTERM, SIGINT, SIGHUP] {
            var action = sigaction()
            // What it calls is safe in a handler: see signal-safety(7).
            action.__sigaction_handler.sa_handler = { number in
                let saved = errno
                var byte: UInt8 = number == SIGHUP ? 2 : 1
                _ = write(StopSignals.writeEnd.load(ordering: .acquiring), &byte, 1)
                errno = saved
            }
            action.sa_flags = SA_RESTART
            sigaction(number, &action, nil)
        }
    }
}
