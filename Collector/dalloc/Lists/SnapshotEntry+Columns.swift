// SPDX-License-Identifier: Apache-2.0

import HeapHistory

extension SnapshotEntry: ListElement {
    static var columns: [ListColumn<SnapshotEntry>] {
        [
            .init("index", \.index), .init("allocation", \.allocation), .init("offset", \.offset),
            .init("address", \.address), .init("size", \.size), .init("certain", \.certain), .init("owner", \.owner),
            .init("allocated_at", \.allocatedAt), .init("call_site", \.callSite),
        ]
    }
}

extension Snapshot: ListAnswer {
    func remarks(on screen: Screen) -> [String] { SnapshotView.remarks(self, on: screen) }
}
