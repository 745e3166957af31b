// SPDX-License-Identifier: Apache-2.0

import HeapHistory

extension HeapDifference.Change: ListElement {
    static var columns: [ListColumn<HeapDifference.Change>] {
        [
            .init("change", \.change.rawValue), .init("allocation", \.allocation), .init("address", \.address),
            .init("size", \.size), .init("owner", \.owner), .init("call_site", \.callSite),
            .init("allocated_at", \.allocatedAt), .init("old_address", \.oldAddress), .init("old_size", \.oldSize),
            .init("old_owner", \.oldOwner),
        ]
    }
}

extension HeapDifference: ListAnswer {
    var elements: [Change] { changes }

    func remarks(on screen: Screen) -> [String] { [DiffView.summary(self, screen.zone)] }
}
