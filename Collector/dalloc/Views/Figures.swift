// SPDX-License-Identifier: Apache-2.0
//
// Numbers, durations and times as all views write them. Sizes are whole bytes with thousands separated: rounding
// would hide what a person who debugs a heap looks for.

import CommandSupport
import HeapHistory

enum Figures {
    /// `1,048,576`.
    static func number(_ value: some BinaryInteger) -> String { value.grouped }

    /// `81.3`: percent with one decimal, never rounded up to a hundred that it is not.
    static func percent(_ part: Int, of whole: Int) -> String {
        guard whole > 0 else { return "" }
        let share = (Double(part) * 1000 / Double(whole)).rounded(.down)
        guard let tenths = Int(exactly: share) else { return "" }
        return "\(number(tenths / 10)).\(abs(tenths % 10))"
    }

    /// Of a heap. Some have no size that is known.
    static func size(_ bytes: Int) -> String { bytes == 0 ? "size not known" : number(bytes) + " B" }

    /// `1 block`, `2 blocks`.
    static func count(_ value: Int, _ noun: String) -> String {
        number(value) + " " + noun + (value == 1 ? "" : "s")
    }

    static func boot(_ boot: UInt32) -> String {
        let digits = String(boot, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// How long from one moment to another; `0.00 s` when the end comes first.
    static func duration(from start: Timestamp, to end: Timestamp) -> String {
        duration(max(0, end.microseconds(since: start)))
    }

    /// `0.250 s`, `12.5 s`, `4 min 05 s`, `3 h 12 min`, `2 d 04 h`.
    static func duration(_ microseconds: Int64) -> String {
        let (milliseconds, seconds) = (microseconds / 1000, microseconds / 1_000_000)
        switch seconds {
        case ..<1: return "0.\(twoDigits(milliseconds / 10)) s"
        case ..<60: return "\(seconds).\(milliseconds % 1000 / 100) s"
        case ..<3600: return "\(seconds / 60) min \(twoDigits(seconds % 60)) s"
        case ..<86_400: return "\(seconds / 3600) h \(twoDigits(seconds % 3600 / 60)) min"
        default: return "\(number(seconds / 86_400)) d \(twoDigits(seconds % 86_400 / 3600)) h"
        }
    }

    /// `now`, `3 s ago`, `12 min ago`. The collector's clock may be ahead of ours: that is `now`, too.
    static func ago(_ time: Timestamp, now: Timestamp) -> String {
        let seconds = now.microseconds(since: time) / 1_000_000
        switch seconds {
        case ..<1: return "now"
        case ..<60: return "\(seconds) s ago"
        case ..<3600: return "\(seconds / 60) min ago"
        case ..<86_400: return "\(seconds / 3600) h ago"
        default: return "\(number(seconds / 86_400)) d ago"
        }
    }

    /// `2026-11-23`.
    static func date(_ time: Timestamp) -> String { String(time.description.prefix(10)) }

    /// `03:12:00.250`.
    static func timeOfDay(_ time: Timestamp) -> String { String(time.description.dropFirst(11).prefix(12)) }

    /// `03:12`, `03:12:07` or `03:12:07.250`: as much as differs from zero.
    static func shortTimeOfDay(_ time: Timestamp) -> String {
        let text = timeOfDay(time)
        if time.microseconds % 1_000_000 != 0 { return text }
        return String(text.prefix(time.microseconds % 60_000_000 == 0 ? 5 : 8))
    }

    /// `03:12:00.250` when it is on the same day as another moment, else with its date.
    static func time(_ time: Timestamp, beside other: Timestamp) -> String {
        date(time) == date(other) ? timeOfDay(time) : dateAndTime(time)
    }

    /// `2026-11-23 03:12:00.250`.
    static func dateAndTime(_ time: Timestamp) -> String { date(time) + " " + timeOfDay(time) }

    private static func twoDigits(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
