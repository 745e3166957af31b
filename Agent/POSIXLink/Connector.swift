// SPDX-License-Identifier: Apache-2.0
//
// When a link connects, gives up, and tries again. It does nothing by itself: each poll of the agent asks whether the
// link is up.
//
//   closed ──deadline──▶ connecting ──▶ up ──lost──▶ closed …
//
// After a failure the link waits from `delay` to twice as long, at random, so that a fleet does not come back all at
// once. The delay doubles with each attempt, and is the shortest again once the other side has sent something.

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

    // In milliseconds.
    private static var shortestDelay: UInt32 { 250 }
    private static var longestDelay: UInt32 { 4000 }
    private static var connectTimeout: UInt32 { 10000 }

    let link: LinkPointer

    private var state: LinkState { LinkState(rawValue: link.pointee.state) }

    /// All changes of the state after the link's start.
    private func move(to next: LinkState) {
        assert(state.canBecome(next), "a link takes no such step")
        link.pointee.state = next.rawValue
    }

    /// Prepares a link; it connects at the first poll.
    func start(kind: UInt8) {
        link.pointee.kind = kind
        link.pointee.state = LinkState.closed.rawValue
        link.pointee.is_socket = kind == Kind.tcp
        link.pointee.delay = Self.shortestDelay
        link.pointee.deadline = dalloc_posix_system_milliseconds()
    }

    /// True while bytes can be exchanged.
    func isUp() -> Bool {
        if link.pointee.kind == Kind.descriptor { return followOtherSide() }
        switch state {
        case .up: return true
        case .closed where isDeadlineOver:
            link.pointee.deadline = dalloc_posix_system_milliseconds() &+ Self.connectTimeout
            return settle(
                link.pointee.kind == Kind.tcp ? dalloc_posix_system_connect(link) : dalloc_posix_system_open(link))
        case .connecting:
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
        guard state == .up else { return -1 }
        let taken = dalloc_posix_system_write(link, bytes, count)
        if taken < 0 {
            lose()
        } else {
            link.pointee.bytes_written &+= UInt64(truncatingIfNeeded: taken)
        }
        return taken
    }

    func read(_ bytes: UnsafeMutablePointer<UInt8>?, _ count: UInt32) -> Int32 {
        guard state == .up else { return -1 }
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
        guard state == .up else { return }
        dalloc_posix_system_unanswered(link)
        release()
        move(to: .closed)
        link.pointee.deadline = dalloc_posix_system_milliseconds()
    }

    func end() {
        release()
        move(to: .ended)
    }

    private var isDeadlineOver: Bool {
        dalloc_posix_system_milliseconds() &- link.pointee.deadline < 0x8000_0000
    }

    private func settle(_ result: dalloc_posix_result_t) -> Bool {
        switch result {
        case DALLOC_POSIX_READY: rise()
        case DALLOC_POSIX_PENDING: move(to: .connecting)
        default: lose()
        }
        return state == .up
    }

    private func rise() {
        move(to: .up)
        link.pointee.attempts &+= 1
        link.pointee.connections &+= 1
    }

    private func lose() {
        release()
        if state != .up { link.pointee.attempts &+= 1 }
        move(to: .closed)
        let delay = link.pointee.delay
        link.pointee.deadline = dalloc_posix_system_milliseconds() &+ delay &+ dalloc_posix_system_random() % delay
        link.pointee.delay = min(delay &* 2, Self.longestDelay)
    }

    private func release() {
        if link.pointee.kind != Kind.descriptor { dalloc_posix_system_close(link) }
    }

    /// A descriptor of the caller is up whenever its other side is open. What gets lost in between is up to the
    /// caller.
    private func followOtherSide() -> Bool {
        guard state != .ended, link.pointee.descriptor >= 0 else { return false }
        let isOpen = dalloc_posix_system_is_open(link)
        if isOpen, state != .up { rise() }
        if !isOpen { move(to: .closed) }
        return isOpen
    }
}
