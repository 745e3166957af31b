// SPDX-License-Identifier: Apache-2.0
//
// `devices`: the fleet at a glance.

public import HeapHistory

extension HistoryQuery {
    /// Devices ordered by id, each with its current boot.
    /// - Parameters:
    ///   - connected: those that have a session open.
    ///   - filter: those that are asked for.
    ///   - last: the devices after this id; nil for the first ones.
    ///   - limit: the most devices to answer with; ``DeviceList/next`` says whether there are more.
    public func devices(
        connected: Set<String>, matching filter: DeviceFilter = DeviceFilter(), after last: String? = nil,
        limit: Int = .max
    ) -> DeviceList {
        var list = DeviceList(devices: [])
        forEachDevice(connected, after: last, matching: filter, slice: min(512, limit.addingClamped(1))) { known in
            guard list.devices.count < limit else {
                list.next = list.devices.last?.id
                return false
            }
            list.devices.append(known.summary)
            return true
        }
        return list
    }

    /// The first devices in another order.
    /// - Parameter limit: the most devices to answer with; ``DeviceList/truncated`` says whether there are more.
    func devices(
        connected: Set<String>, matching filter: DeviceFilter, order: DeviceOrder, limit: Int
    ) -> DeviceList {
        var (best, isCut) = ([(device: DeviceSummary, rank: Double)](), false)
        func sort() {
            best.sort { ($1.rank, $0.device.id) < ($0.rank, $1.device.id) }
            isCut = isCut || best.count > limit
            best = Array(best.prefix(limit))
        }
        forEachDevice(connected, after: nil, matching: filter, slice: 512) { known in
            best.append((known.summary, order.rank(known.summary)))
            // As many again as are answered with, so that sorting is rare.
            if best.count >= limit.multipliedClamped(by: 2).addingClamped(512) { sort() }
            return true
        }
        sort()
        return DeviceList(devices: best.map(\.device), truncated: isCut ? true : nil)
    }

    /// Calls `body` with each device that matches, until it returns false.
    func forEachDevice(
        _ connected: Set<String>, after last: String?, matching filter: DeviceFilter, slice: Int,
        _ body: (KnownDevice) -> Bool
    ) {
        let (quarantine, now) = (store.quarantine.all, Timestamp.now)
        var last = last
        // Commits wait for one slice at most. A change during that may be in the answer or not.
        while !Task.isCancelled {
            let devices = store.directory.devices(slice, after: last, connected: connected)
            for var device in devices where filter.matches(device.summary, at: now) {
                if let reason = quarantine[device.summary.id] {
                    device.summary.warnings.append(DeviceWarning(.setAside, "Nothing new of it is taken: \(reason)."))
                }
                guard body(device) else { return }
            }
            guard devices.count == slice, let end = devices.last?.summary.id else { return }
            last = end
        }
    }
}
