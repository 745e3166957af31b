// SPDX-License-Identifier: Apache-2.0
//
// Which figures of the fleet are asked for: devices, their heaps, and how much one answer may have.

internal import HeapHistory

struct FleetSelection: Sendable {
    var filter = DeviceFilter()
    /// This one alone.
    var device: String?
    /// Those whose ids begin so.
    var prefix = ""
    /// Heaps with this name or number alone; a device without one is not asked for.
    var heap: String?
    var shard: FleetShard?
    /// The most devices.
    var limit = 1000
    /// The most series.
    var series = 200_000

    /// What is asked for of a device that the filter lets through; nil when nothing is.
    func choice(of known: KnownDevice) -> FleetDevice? {
        let id = known.summary.id
        guard device.map({ $0 == id }) ?? true, id.utf8.starts(with: prefix.utf8), shard?.has(id) ?? true else {
            return nil
        }
        var device = FleetDevice(known)
        guard let heap else { return device }
        device.heaps.removeAll { $0.summary.name != heap && String($0.summary.heap) != heap }
        return device.heaps.isEmpty ? nil : device
    }
}
