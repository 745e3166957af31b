// SPDX-License-Identifier: Apache-2.0
//
// Which devices a question about the fleet is about: those for which all holds that is set.

public import HeapHistory

public struct DeviceFilter: Sendable {
    /// The current boot has this build.
    public var build: String?
    /// Microseconds: nothing has been heard of it for longer.
    public var silence: Int64?
    /// Allocations have failed within the last hour.
    public var isFailing = false
    /// Something in it has kept growing for the last week: see ``LeakList``.
    public var isLeaking = false
    /// One of its heaps is that full.
    public var usage: UsageCondition?
    public var labels: [DeviceLabel] = []

    /// Those that leak, once they are found.
    var leaking: Set<String> = []

    public init() {}

    func matches(_ device: DeviceSummary, at now: Timestamp) -> Bool {
        if let build, device.build != build { return false }
        if let silence, now.microseconds(since: device.lastSeen) <= silence { return false }
        if isFailing, !device.heaps.contains(where: { $0.failuresLastHour > 0 }) { return false }
        if isLeaking, !leaking.contains(device.id) { return false }
        if let usage, !device.heaps.contains(where: { usage.holds(for: $0) }) { return false }
        return labels.allSatisfy { $0.holds(for: device.labels) }
    }
}
