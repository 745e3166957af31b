// SPDX-License-Identifier: Apache-2.0
//
// A device is a row for each of its heaps, as in the table, and one row while it has none.

import CommandSupport
import HeapHistory

extension DeviceSummary: ListElement {
    var rows: [DeviceRow] {
        heaps.isEmpty ? [DeviceRow(device: self, heap: nil)] : heaps.map { DeviceRow(device: self, heap: $0) }
    }

    static var columns: [ListColumn<DeviceRow>] {
        [
            .init("id", \.device.id), .init("build", \.device.build), .init("boot", \.device.boot),
            .init("link", \.device.link), .init("connected", \.device.connected),
            .init("first_seen", \.device.firstSeen), .init("last_seen", \.device.lastSeen),
            // As --label and `dalloc label` take them, a blank between two.
            .init("labels") {
                $0.device.labels.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: " ")
            },
            // Their codes; the sentences are in JSON.
            .init("warnings") { $0.device.warnings.map(\.code.rawValue).joined(separator: " ") },
            .init("heap", \.heap?.heap), .init("name", \.heap?.name), .init("base_address", \.heap?.baseAddress),
            .init("size", \.heap?.size), .init("alignment", \.heap?.alignment),
            .init("table_size", \.heap?.tableSize), .init("used", \.heap?.used),
            .init("live_blocks", \.heap?.liveBlocks), .init("peak", \.heap?.peak),
            .init("failures_last_hour", \.heap?.failuresLastHour), .init("failure_reason", \.heap?.failureReason),
            .init("sequence", \.heap?.sequence),
            .init("recorder_most", \.heap?.recorderMost), .init("recorder_size", \.heap?.recorderSize),
        ]
    }
}
