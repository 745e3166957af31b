// SPDX-License-Identifier: Apache-2.0
//
// The boots that connections may add to. A step of the clock ends all of them: sessions that were opened before it have wrong times.

internal import Synchronization

final class OpenBoots: Sendable {
    private struct State {
        /// The boot of each device.
        var boots: [Int64: Int64] = [:]
        /// The device of each boot, and which corrections of times its clock was read with.
        var devices: [Int64: (device: Int64, corrections: Int64)] = [:]
    }

    private let state = Mutex(State())

    func insert(_ boot: Int64, of device: Int64, corrections: Int64) {
        state.withLock { state in
            if let earlier = state.boots.updateValue(boot, forKey: device) { state.devices[earlier] = nil }
            state.devices[boot] = (device, corrections)
        }
    }

    func contains(_ boot: Int64) -> Bool { state.withLock { $0.devices[boot] != nil } }

    /// True when its clock is that of the database with these corrections.
    func contains(_ boot: Int64, corrections: Int64) -> Bool {
        state.withLock { $0.devices[boot]?.corrections == corrections }
    }

    func remove(_ boot: Int64) {
        state.withLock { state in
            if let (device, _) = state.devices.removeValue(forKey: boot) { state.boots[device] = nil }
        }
    }

    func removeAll() { state.withLock { $0 = State() } }
}
