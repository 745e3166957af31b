// All TCP connections: how many there are, of whom, and which of them have fallen silent.

internal import Logging
internal import NIOCore
internal import Synchronization

final class Lines: Sendable {
    /// Why a connection is turned away at once.
    enum Refusal: String, CaseIterable, Sendable {
        case connections
        case address
    }

    /// What connections from one address share.
    private final class Address: Sendable {
        let bucket: Mutex<TokenBucket>
        let connections = Mutex(0)

        init(rate: Int) { bucket = Mutex(TokenBucket(rate: rate, at: .now())) }
    }

    private struct State {
        var lines: [ObjectIdentifier: Line] = [:]
        var addresses: [String: Address] = [:]
        var lastWarning: NIODeadline?
    }

    let limits: IngestLimits
    private let state = Mutex(State())
    private let logger: Logger

    init(limits: IngestLimits, logger: Logger) {
        (self.limits, self.logger) = (limits, logger)
    }

    /// Enters a connection. Nil when it may stay.
    func admit(_ line: Line) -> Refusal? {
        let (refusal, isNews) = state.withLock { state -> (Refusal?, Bool) in
            let address = state.addresses[line.address] ?? Address(rate: limits.addressRate)
            let isAddressFull = address.connections.withLock { $0 >= limits.connectionsPerAddress }
            guard state.lines.count < limits.connections, !isAddressFull else {
                let now = NIODeadline.now()
                let isNews = state.lastWarning.map { now - $0 > .seconds(10) } ?? true
                if isNews { state.lastWarning = now }
                return (isAddressFull ? .address : .connections, isNews)
            }
            state.lines[ObjectIdentifier(line)] = line
            address.connections.withLock { $0 += 1 }
            state.addresses[line.address] = address
            return (nil, false)
        }
        if let refusal, isNews {
            logger.warning(
                "connections are turned away: there are too many",
                metadata: ["limit": "\(refusal.rawValue)", "peer": "\(line.peer)"])
        }
        return refusal
    }

    func remove(_ line: Line) {
        state.withLock { state in
            guard state.lines.removeValue(forKey: ObjectIdentifier(line)) != nil,
                let address = state.addresses[line.address]
            else { return }
            let left = address.connections.withLock { connections in
                connections -= 1
                return connections
            }
            if left == 0 { state.addresses[line.address] = nil }
        }
    }

    /// How long to wait until more is read from the line's address.
    func take(_ bytes: Int, from line: Line) -> Duration {
        let address = state.withLock { $0.addresses[line.address] }
        return address?.bucket.withLock { $0.take(bytes, at: .now()) } ?? .zero
    }

    /// Closes connections that have not greeted in time, and those of which nothing was heard for long.
    func closeSilent(at now: NIODeadline) {
        for line in state.withLock({ Array($0.lines.values) }) {
            if !line.hasGreeted, now - line.opened > .seconds(limits.greetingTimeout) {
                line.close(.noGreeting)
            } else if now - line.lastHeard > .seconds(limits.idleTimeout) {
                line.close(.idle)
            }
        }
    }
}
