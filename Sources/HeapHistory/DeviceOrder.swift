// SPDX-License-Identifier: Apache-2.0

/// In which order devices are listed: by their ids, or what needs a person first.
public enum DeviceOrder: String, Sendable, CaseIterable {
    case id
    /// The fullest heap first, by percent of its size.
    case usage
    /// The same by its highest use since the boot.
    case peak
    /// The most allocations that failed within the last hour first.
    case failures
    /// The device that has been silent for the longest first.
    case lastSeen = "last_seen"

    /// The greater, the earlier in the list.
    public func rank(_ device: DeviceSummary) -> Double {
        switch self {
        case .id: 0
        case .usage: Self.share(device) { $0.used }
        case .peak: Self.share(device) { $0.peak }
        case .failures: Double(device.heaps.reduce(0) { $0.addingClamped($1.failuresLastHour) })
        case .lastSeen: -Double(device.lastSeen.microseconds)
        }
    }

    private static func share(_ device: DeviceSummary, _ figure: (HeapSummary) -> Int) -> Double {
        device.heaps.filter { $0.sequence > 0 && $0.size > 0 }.map { Double(figure($0)) / Double($0.size) }.max() ?? -1
    }
}
