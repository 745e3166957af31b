// SPDX-License-Identifier: Apache-2.0
//
// The devices that were asked for, page by page: however large the fleet is, no more than a page of it is in memory.

import CommandSupport
import HeapHistory

struct DevicePages {
    private let client: CollectorClient
    private let selection: DeviceSelection?
    /// Where the next page begins.
    private(set) var after: String?
    private(set) var isOver = false
    private var count = 0
    /// There are more than --limit allows: after ``after`` where the list is in the order of ids.
    private(set) var isCut = false

    init(_ client: CollectorClient, _ selection: DeviceSelection? = nil) {
        (self.client, self.selection) = (client, selection)
    }

    /// The next devices; nil after the last page.
    mutating func next() async throws -> [DeviceSummary]? {
        guard !isOver else { return nil }
        let room = selection?.limit.map { max(1, $0.subtractingClamped(count)) }
        let page = try await client.devices(selection, after: after, limit: room)
        // A page that names itself as the next one would be asked for without end.
        if let next = page.next, page.devices.isEmpty || next == after {
            throw CommandFailure(
                status: .notUnderstood, cause: "the list of devices does not go on after '\(next.printable)'",
                wayOut: "check that --collector names a dalloc-collector's --api address, and that its version fits")
        }
        count = count.addingClamped(page.devices.count)
        let isFull = selection?.limit.map { count >= $0 } ?? false
        isCut = page.truncated == true || isFull && page.next != nil
        (after, isOver) = (page.next, page.next == nil || isFull)
        return page.devices
    }

    /// What the list can't say, when it is over.
    var remarks: [String] {
        if count == 0 { return [DevicesView.nothing(selection)] }
        guard isCut else { return [] }
        let limit = selection?.limit == nil ? "--limit shows more" : "raise --limit (at most 10000) to see them"
        return ["These are the first \(Figures.count(count, "device")) of more; \(limit)."]
    }
}
