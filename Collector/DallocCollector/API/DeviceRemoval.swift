// SPDX-License-Identifier: Apache-2.0
//
// Removes a device that is not connected. Meanwhile it can't come back: when it greets, it waits, and is a new device.

internal import HeapHistory

struct DeviceRemoval: Sendable {
    let store: HistoryStore
    let registry: DeviceRegistry

    /// - Throws: ``Problem`` when it is connected, or not known.
    func remove(_ device: String) async throws {
        guard let token = await registry.reserve(device) else {
            throw Problem(
                .connected, "The device \(device) is connected, and would be back at once.",
                hint: "Switch it off, or let it report to another collector; then ask again.")
        }
        // The removal goes on when its client leaves: half a device is of no use.
        let removal = Task { try await store.remove(device) }
        let result = await removal.result
        await registry.release(device, token: token)
        guard try result.get() else {
            throw Problem(noDevice: device)
        }
    }
}
