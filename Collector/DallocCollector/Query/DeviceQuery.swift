// `devices`: the fleet at a glance.

public import HeapHistory

extension HistoryQuery {
    /// Every device with its current boot, ordered by id. `connected` names those that have a session open.
    public func devices(connected: Set<String>) -> DeviceList {
        DeviceList(devices: store.fleet.summaries(connected: connected))
    }
}
