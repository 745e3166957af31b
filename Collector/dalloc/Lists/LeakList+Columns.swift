// SPDX-License-Identifier: Apache-2.0

import HeapHistory

extension LeakList.Leak: ListElement {
    static var columns: [ListColumn<LeakList.Leak>] {
        [
            .init("group_grouped_by", \.group.groupedBy.rawValue), .init("group_address", \.group.address),
            .init("group_size", \.group.size), .init("group_offset", \.group.offset), .init("build", \.build),
            .init("heap_name", \.heapName), .init("devices", \.devices), .init("devices_seen", \.devicesSeen),
            .init("bytes_per_hour", \.bytesPerHour), .init("at_least", \.atLeast), .init("at_most", \.atMost),
            .init("since", \.since), .init("is_older", \.isOlder), .init("growth", \.growth),
            .init("live_blocks", \.liveBlocks), .init("live_bytes", \.liveBytes),
            .init("full_expected", \.full.expected),
            .init("full_earliest", \.full.earliest), .init("full_latest", \.full.latest),
            .init("full_limit", \.full.limit.rawValue), .init("longest_job_hours", \.longestJobHours),
            .init("known", \.known),
            .init("sample_device", \.sample.device), .init("sample_heap", \.sample.heap),
            .init("sample_boot", \.sample.boot),
        ]
    }
}

extension LeakList: ListAnswer {
    var elements: [Leak] { leaks }

    func remarks(on screen: Screen) -> [String] { LeaksView.remarks(self, screen.zone) }
}
