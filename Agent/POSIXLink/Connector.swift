// SPDX-License-Identifier: Apache-2.0
//
// When a link connects, gives up, and tries again. It does nothing by itself: each poll of the agent asks whether the link is up.
//
//   closed ──deadline──▶ connecting ──▶ up ──lost──▶ closed …
//
// After a failure the link waits from `delay` to twice as long, at random, so that a fleet does not come back all at once.
// The delay doubles with each attempt, and is short again once the other side has said something.

internal import CDallocAgent
internal import CPOSIXLink

typealias LinkPointer = UnsafeMutablePointer<dalloc_posix_link_t>

struct Connector {
    enum Kind {
        static var tcp: UInt8 { 0 }
        static var serial: UInt8 { 1 }
        /// Opened, and to be closed, by the caller.
        static var descriptor: UInt8 { 2 }
    }

    enum State {
        static var closed: UInt8 { 0 }
        static var connecting: UInt8 { 1 }
        static var up: UInt8 { 2 }
        /// Ended by its user: it never comes up again.
        static var ended: UInt8 { 3 }
    }

    /// Milliseconds.
    private static var shortestDelay: UInt32 { 250 }
    private static var longestDelay: UInt32 { 4000 }
    private static var patience: UInt32 { 10000 }

    let link: LinkPointer

    /// Prepares a link; it connects at the first poll.
    func start(kind: UInt8) {
        link.pointee.kind = kind
        link.pointee.state = State.closed
        link.pointee.is_socket = kind == Kind.tcp
        link.pointee.delay = Self.shortestDelay
        link.pointee.deadline = dalloc_posix_system_milliseconds()
    }

    /// True while bytes can be exchanged.
    func isUp() -> Bool {
        if link.pointee.kind == Kind.descriptor { return followOtherSide() }
        switch link.pointee.state {
        case State.up: return true
        case State.closed where isDeadlineOver:
            link.pointee.deadline = dalloc_posix_system_milliseconds() &+ Self.patience
            return settle(
                link.pointee.kind == Kind.tcp ? dalloc_posix_system_connect(link) : dalloc_posix_system_open(link))
        case State.connecting:
            let result = dalloc_posix_system_connected(link)
            if result == DALLOC_POSIX_PENDING, isDeadlineOver {
                dalloc_posix_system_timed_out(link)
                return settle(DALLOC_POSIX_FAILED)
            }
            return settle(result)
        default: return false
        }
    }

    func write(_ bytes: UnsafePointer<UInt8>?, _ count: UInt32) -> Int32 {
        guard link.pointee.state == State.up else { return -1 }
        let taken = dalloc_posix_system_write(link, bytes, count)
        if taken < 0 {
            lose()
        } else {
            link.pointee.bytes_written &+= UInt64(truncatingIfNeeded: taken)
        }
        return taken
    }

    func read(_ bytes: UnsafeMutablePointer<UInt8>?, _ count: UInt32) -> Int32 {
        guard link.pointee.state == State.up else { return -1 }
        let count = dalloc_posix_system_read(link, bytes, count)
        if count < 0 {
            lose()
        } else if count > 0 {
            link.pointee.bytes_read &+= UInt64(truncatingIfNeeded: count)
            link.pointee.delay = Self.shortestDelay
        }
        return count
    }

    /// Ends a connection on which no collector answers. The agent decides when it wants the next one.
    func giveUp() {
        guard link.pointee.state == State.up else { return }
        dalloc_posix_system_unanswered(link)
        release()
        link.pointee.state = State.closed
        link.pointee.deadline = dalloc_posix_system_milliseconds()
    }

    func end() {
        release()
        link.pointee.state = State.ended
    }

    private var isDeadlineOver: Bool {
        dalloc_posix_system_milliseconds() &- link.pointee.deadline < 0x8000_0000
    }

    private func settle(_ result: dalloc_posix_result_t) -> Bool {
        switch result {
        case DALLOC_POSIX_READY: rise()
        case DALLOC_POSIX_PENDING: link.pointee.state = State.connecting
        default: lose()
        }
        return link.pointee.state == State.up
    }

    private func rise() {
        link.pointee.state = State.up
        link.pointee.attempts &+= 1
        link.pointee.connections &+= 1
    }

    private func lose() {
        release()
        if link.pointee.state != State.up { link.pointee.attempts &+= 1 }
        link.pointee.state = State.closed
        let delay = link.pointee.delay
        link.pointee.deadline = dalloc_posix_system_milliseconds() &+ delay &+ dalloc_posix_system_random() % delay
        link.pointee.delay = min(delay &* 2, Self.longestDelay)
    }

    private func release() {
        if link.pointee.kind != Kind.descriptor { dalloc_posix_system_close(link) }
    }

    /// A descriptor of the caller is up whenever its other side is open; what was lost stays the caller's matter.
    private func followOtherSide() -> Bool {
        guard link.pointee.state != State.ended, link.pointee.descriptor >= 0 else { return false }
        let isOpen = dalloc_posix_system_is_open(link)
        if isOpen, link.pointee.state != State.up { rise() }
        if !isOpen { link.pointee.state = State.closed }
        return isOpen
    }
}
