// SPDX-License-Identifier: Apache-2.0
//
// A boot is a row for each of its heaps, as in the table, and one row when it has none.

import CommandSupport
import HeapHistory

extension BootList.Boot: ListElement {
    var rows: [BootRow] {
        heaps.isEmpty ? [BootRow(boot: self, heap: nil)] : heaps.map { BootRow(boot: self, heap: $0) }
    }

    static var columns: [ListColumn<BootRow>] {
        [
            .init("boot", \.boot.boot), .init("run", \.boot.run), .init("build", \.boot.build),
            .init("link", \.boot.link),
            .init("first_time", \.boot.firstTime), .init("last_time", \.boot.lastTime),
            .init("current", \.boot.current),
            .init("heap", \.heap?.heap), .init("name", \.heap?.name), .init("size", \.heap?.size),
            .init("used", \.heap?.used),
            .init("live_blocks", \.heap?.liveBlocks), .init("peak", \.heap?.peak),
            .init("total_allocations", \.heap?.totalAllocations), .init("total_failures", \.heap?.totalFailures),
            .init("total_bytes_moved", \.heap?.totalBytesMoved), .init("gaps", \.heap?.gaps),
            .init("recorder_most", \.heap?.recorderMost), .init("recorder_size", \.heap?.recorderSize),
        ]
    }
}

extension BootList: ListAnswer {
    var elements: [Boot] { boots }

    func remarks(on screen: Screen) -> [String] { BootsView.remarks(self) }
}
