// SPDX-License-Identifier: Apache-2.0
//
// A gap in words.

import HeapHistory

enum GapSentence {
    /// `Gap from 2026-11-23 03:12:04.120 to 03:12:05.000 UTC (0.88 s): the device's recorder was full, 120 operations
    /// are missing.` or `Unknown since 2026-11-23 09:50:25.000 UTC: no word from the device.`
    static func text(_ gap: Gap, in zone: Zone) -> String {
        let subject = gap.cause == .silence && gap.end == nil ? unknown(gap, zone) : "Gap \(range(gap, zone))"
        return "\(subject): \(cause(gap.cause))\(loss(gap))."
    }

    private static func unknown(_ gap: Gap, _ zone: Zone) -> String {
        gap.start.map { "Unknown since \(zone.full($0))" } ?? "Unknown"
    }

    private static func range(_ gap: Gap, _ zone: Zone) -> String {
        switch (gap.start, gap.end) {
        case (let start?, let end?):
            let length = Figures.duration(from: start, to: end)
            return "from \(zone.dateAndTime(start)) to \(zone.full(end, beside: start)) (\(length))"
        case (let start?, nil): return "since \(zone.full(start)), still open"
        case (nil, let end?): return "until \(zone.full(end))"
        case (nil, nil): return "over the whole range"
        }
    }

    static func cause(_ cause: Gap.Cause) -> String {
        switch cause {
        case .recorderOverflow: "the device's recorder was full"
        case .lineLoss: "frames were lost on the line"
        case .digestMismatch: "the replayed table did not match the device's digest"
        case .noKeyframe: "the whole table had not been received yet"
        case .summarized: "the device told of the heap in summaries"
        case .powerOff: "the device was reset or off"
        case .silence: "no word from the device"
        case .disconnected: "the connection ended, and no word has come since"
        case .storageDamage: "what was stored can't be read any more"
        case .implausible: "the device's figures contradict each other"
        case .setAside: "the collector could not work on it, and keeps it apart"
        case .clockStep: "the collector's clock was wrong"
        }
    }

    private static func loss(_ gap: Gap) -> String {
        guard let missing = missing(gap) else { return "" }
        let isOne = (gap.operations ?? 0).addingClamped(gap.frames ?? 0) == 1
        return ", " + missing + (isOne ? " is missing" : " are missing")
    }

    /// `1,200 operations and 3 frames`; nil when nobody counted them.
    static func missing(_ gap: Gap) -> String? {
        let parts = [
            gap.operations.map { Figures.count($0, "operation") }, gap.frames.map { Figures.count($0, "frame") },
        ].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: " and ")
    }
}
