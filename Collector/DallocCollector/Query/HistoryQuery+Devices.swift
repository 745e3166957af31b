// SPDX-License-Identifier: Apache-2.0
//
// `devices`: the fleet at a glance.

public import HeapHistory

extension HistoryQuery {
    /// Devices ordered by id, each with its current boot.
    /// - Parameters:
    ///   - connected: those that have a session open.
    ///   - last: the devices after this id; nil for the first ones.
    ///   - limit: the most devices to answer with; ``DeviceList/next`` says whether there are more.
    public func devices(connected: Set<String>, after last: String? = nil, limit: Int = .max) -> DeviceList {
        var list = DeviceList(devices: [])
        let quarantine = store.quarantine.all
        var last = last
        // Commits wait for one slice at most. A change during that may be in the answer or not.
        while list.devices.count < limit {
            let count = min(512, limit - list.devices.count)
            let slice = store.directory.summaries(count, after: last, connected: connected)
            list.devices += slice.map { device in
                guard let reason = quarantine[device.id] else { return device }
                var device = device
                device.warnings.append(DeviceWarning(.setAside, "Nothing new of it is taken: \(reason)."))
                return device
            }
            guard slice.count == count, let end = slice.last?.id else { return list }
            last = end
        }
        if !store.directory.summaries(1, after: last, connected: []).isEmpty { list.next = last }
        return list
    }
}
