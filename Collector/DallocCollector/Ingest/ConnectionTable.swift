// SPDX-License-Identifier: Apache-2.0
//
// All TCP connections: how many there are from each address, and which of them are silent.

internal import Logging
internal import NIOCore
internal import Synchronization

final class ConnectionTable: Sendable {
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
        var connections: [ObjectIdentifier: Line] = [:]
        var addresses: [String: Address] = [:]
    }

    let limits: IngestLimits
    private let state = Mutex(State())
    private let log: PeerLog
    private let newDevices: NewDevices
    private let newBoots: NewBoots

    init(limits: IngestLimits, log: PeerLog) {
        (self.limits, self.log) = (limits, log)
        newDevices = NewDevices(perMinute: limits.newDevicesPerMinute)
        newBoots = NewBoots(perMinute: limits.newBootsPerMinute)
    }

    /// Enters a connection. Returns why it is refused; nil when it may stay.
    func admit(_ line: Line) -> Refusal? {
        let refusal = state.withLock { state -> Refusal? in
            let address = state.addresses[line.address] ?? Address(rate: limits.addressRate)
            if address.connections.withLock({ $0 >= limits.connectionsPerAddress }) { return .address }
            guard state.connections.count < limits.connections else { return .connections }
            state.connections[ObjectIdentifier(line)] = line
            address.connections.withLock { $0 += 1 }
            state.addresses[line.address] = address
            return nil
        }
        if let refusal {
            log.note(
                .warning, "connections are turned away: there are too many", address: line.address,
                ["limit": "\(refusal.rawValue)", "peer": "\(line.peer)"])
        }
        return refusal
    }

    func remove(_ line: Line) {
        state.withLock { state in
            guard state.connections.removeValue(forKey: ObjectIdentifier(line)) != nil,
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

    /// Counts a device that is not known yet; false when its peer has brought too many of them.
    func admitNewDevice(from line: Line) -> Bool { newDevices.admit(from: line.address) }

    /// Counts a boot that is not known yet; false when its device has brought too many of them.
    func admitNewBoot(of device: String) -> Bool { newBoots.admit(device) }

    /// Nothing was read until now, so no connection counts as silent.
    func hearAll() {
        for line in state.withLock({ Array($0.connections.values) }) { line.hear() }
    }

    /// Closes connections that are of this kind. Returns how many.
    func closeAll(_ end: ConnectionEnd, where isMeant: (Line) -> Bool) -> Int {
        let lines = state.withLock { Array($0.connections.values) }.filter(isMeant)
        for line in lines { line.close(end) }
        return lines.count
    }

    /// Closes connections that have not greeted in time, and those that have been silent for too long.
    func closeSilent(at now: NIODeadline) {
        for line in state.withLock({ Array($0.connections.values) }) {
            if !line.hasGreeted, now - line.opened > .seconds(limits.greetingTimeout) {
                line.close(.noGreeting)
            } else if now - line.lastHeard > .seconds(limits.idleTimeout) {
                line.close(.idle)
            }
        }
    }
}
