// SPDX-License-Identifier: Apache-2.0

import HeapHistory

extension HeapOperation: ListElement {
    static var columns: [ListColumn<HeapOperation>] {
        [
            .init("time", \.time), .init("boot", \.boot), .init("sequence", \.sequence), .init("place", \.place),
            .init("operation", \.operation.rawValue), .init("allocation", \.allocation), .init("index", \.index),
            .init("address", \.address), .init("size", \.size), .init("old_size", \.oldSize), .init("owner", \.owner),
            .init("old_owner", \.oldOwner), .init("call_site", \.callSite), .init("reason", \.reason?.rawValue),
            .init("moves", \.moves), .init("bytes_moved", \.bytesMoved), .init("used", \.used),
            .init("live_blocks", \.liveBlocks),
        ]
    }
}

extension OperationList: ListAnswer {
    func remarks(on screen: Screen) -> [String] { OpsView.remarks(self, isCut: next != nil, on: screen) }
}
