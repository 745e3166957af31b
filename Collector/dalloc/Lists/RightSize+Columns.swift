// SPDX-License-Identifier: Apache-2.0

import HeapHistory

extension RightSize.Heap: ListElement {
    static var columns: [ListColumn<RightSize.Heap>] {
        [
            .init("name", \.name), .init("devices", \.devices), .init("device_days", \.deviceDays),
            .init("failing_days", \.failingDays), .init("size_now", \.size.now), .init("size_enough", \.size.enough),
            .init("size_bound", \.size.bound), .init("size_highest", \.size.highest), .init("table_now", \.table.now),
            .init("table_enough", \.table.enough), .init("table_bound", \.table.bound),
            .init("table_highest", \.table.highest), .init("saves", \.saves),
        ]
    }
}

extension RightSize: ListAnswer {
    var elements: [Heap] { heaps }

    func remarks(on screen: Screen) -> [String] { RightSizeView.remarks(self, screen.zone) }
}
