// SPDX-License-Identifier: Apache-2.0
//
// The fleet, page by page: however large it is, no more than a page of it is in memory.

import HeapHistory

struct DevicePages {
    private let client: CollectorClient
    private var after: String?
    private var isOver = false

    init(_ client: CollectorClient) { self.client = client }

    /// The next devices; nil after the last page.
    mutating func next() async throws -> [DeviceSummary]? {
        guard !isOver else { return nil }
        let page = try await client.devices(after: after)
        // A page that names itself as the next one would be asked for without end.
        if let next = page.next, page.devices.isEmpty || next == after {
            throw CommandFailure(
                status: .notUnderstood, cause: "the list of devices does not go on after '\(next.printable)'",
                wayOut: "check that --collector names a dalloc-collector's --api address, and that its version fits")
        }
        (after, isOver) = (page.next, page.next == nil)
        return page.devices
    }
}
