// SPDX-License-Identifier: Apache-2.0

import HeapHistory

extension DeviceDetail: ListElement {
    static var columns: [ListColumn<DeviceDetail>] {
        [
            .init("device", \.device), .init("detail", \.detail?.rawValue), .init("connected", \.connected),
            .init("told", \.told),
        ]
    }
}

extension DeviceDetail: ListAnswer {
    /// A list of one.
    var elements: [DeviceDetail] { [self] }

    func remarks(on screen: Screen) -> [String] { [] }
}
