// `devices`: the fleet at a glance.

public import HeapHistory

/// Every device with its current boot, ordered by id, a few hundred at a time. What changes meanwhile may be in it or not.
struct DeviceSlices: Sequence, IteratorProtocol {
    fileprivate let fleet: Fleet
    /// Those that have a session open.
    fileprivate let connected: Set<String>
    /// Devices that are set aside, and why.
    private let aside: [String: String]
    private var last: String?

    fileprivate init(of fleet: Fleet, connected: Set<String>) {
        (self.fleet, self.connected) = (fleet, connected)
    }

    mutating func next() -> [DeviceSummary]? {
        var slice = fleet.summaries(512, after: last, connected: connected)
        for index in slice.indices {
            guard let reason = aside[slice[index].id] else { continue }
            slice[index].warnings.append(DeviceWarning(.setAside, "Nothing new of it is taken: \(reason)."))
        }
        guard let end = slice.last?.id else { return nil }
        last = end
        return slice
    }
}

extension HistoryQuery {
    /// Every device, ordered by id. `connected` names those that have a session open.
    public func devices(connected: Set<String>) -> DeviceList {
        DeviceList(devices: deviceSlices(connected: connected).flatMap(\.self))
    }

    func deviceSlices(connected: Set<String>) -> DeviceSlices {
        DeviceSlices(of: store.fleet, connected: connected)
    }
}
