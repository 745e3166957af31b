// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeapHistory
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (1_795_403_520_000_000, "2026-11-23T03:12:00.000000Z"),
        (951_782_400_000_001, "2000-02-29T00:00:00.000001Z"),
        (-62_167_219_200_000_000, "0000-01-01T00:00:00.000000Z"),
        (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
    ])
    func knownMomentsAreWrittenAndRead(_ microseconds: Int64, _ text: String) {
        #expect(Timestamp(microseconds: microseconds).description == text)
        #expect(Timestamp(text)?.microseconds == microseconds)
    }

    @Test func everyDayFrom1970To2100IsTheCalendarsDay() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        let lastDay = try #require(Timestamp("2100-12-31")).microseconds / 86_400_000_000
        #expect(lastDay == 47_846)
        // Our own day after day, and Foundation's as often as its slowness allows: primes meet every weekday, month
        // end and leap day sooner or later.
        var previous = ""
        for day in 0...lastDay {
            let time = Timestamp(microseconds: day * 86_400_000_000 + 1)
            let text = time.description
            #expect(text > previous)
            #expect(Timestamp(text) == time)
            previous = text
            let isMonthEdge = text.dropFirst(8).hasPrefix("01") || text.dropFirst(8).hasPrefix("28")
            guard day % 13 == 0 || isMonthEdge else { continue }
            let parts = calendar.dateComponents(
                [.year, .month, .day], from: Date(timeIntervalSince1970: Double(day) * 86_400))
            let expected = [try #require(parts.year), try #require(parts.month), try #require(parts.day)]
            #expect(text.prefix(10).split(separator: "-").compactMap { Int($0) } == expected)
        }
    }

    @Test(arguments: [
        ("2026-11-23", "2026-11-23T00:00:00.000000Z"),
        ("2026-11-23T03:12", "2026-11-23T03:12:00.000000Z"),
        ("2026-11-23T03:12Z", "2026-11-23T03:12:00.000000Z"),
        ("2026-11-23 03:12:07", "2026-11-23T03:12:07.000000Z"),
        ("2026-11-23T03:12:07.5Z", "2026-11-23T03:12:07.500000Z"),
        ("2026-11-23T03:12:07.000001", "2026-11-23T03:12:07.000001Z"),
        // As others write it: RFC 3339 in small letters, JSON of many libraries, date -Is, date -Ins, date
        // --rfc-3339=ns, a log, git and stat.
        ("2026-11-23t03:12:07z", "2026-11-23T03:12:07.000000Z"),
        ("2026-11-23T03:12:07.123456789Z", "2026-11-23T03:12:07.123456Z"),
        ("2026-11-23T04:12:07+01:00", "2026-11-23T03:12:07.000000Z"),
        ("2026-11-23T03:12:07,123456789+00:00", "2026-11-23T03:12:07.123456Z"),
        ("2026-11-22 21:42:07.000000000-05:30", "2026-11-23T03:12:07.000000Z"),
        ("2026-11-23T03:12:07+0000", "2026-11-23T03:12:07.000000Z"),
        ("2026-11-23 04:12:07 +0100", "2026-11-23T03:12:07.000000Z"),
        ("2026-11-23T04:12+01", "2026-11-23T03:12:00.000000Z"),
        ("2026-11-23T03:12:07-00:00", "2026-11-23T03:12:07.000000Z"),
        ("2026-01-01T00:30+01:00", "2025-12-31T23:30:00.000000Z"),
        ("0000-01-01T23:59+23:59", "0000-01-01T00:00:00.000000Z"),
        ("1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z"),
    ])
    func otherFormsAreRead(_ text: String, _ full: String) {
        #expect(Timestamp(text)?.description == full)
    }

    @Test(arguments: [
        "", "2026", "2026-11", "2026-13-01", "2026-00-01", "2026-02-29", "2100-02-29", "2026-11-31", "2026-11-00",
        "2026-11-23T", "2026-11-23T24:00", "2026-11-23T03:60", "2026-11-23T03:12:60Z", "2026-11-23T03:12:07.",
        "2026-11-23T03:12:07.0000000001Z", "2026-11-23T03:12:07Zx", "2026-11-23Z", "2026-11-23+01:00",
        "+026-11-23", "-001-01-01", "20261123", "２026-11-23", "2026-11-23T3:12", " 2026-11-23",
        "2026-11-23T03:12:07+", "2026-11-23T03:12:07+1", "2026-11-23T03:12:07+1:00", "2026-11-23T03:12:07+24:00",
        "2026-11-23T03:12:07+01:60", "2026-11-23T03:12:07+01:", "2026-11-23T03:12:07+01:00Z", "2026-11-23T03:12:07 ",
        "2026-11-23T03:12:07 01:00", "2026-11-23T03:12:07Z ", "0000-01-01T00:00+00:01", "9999-12-31T23:59:59-00:01",
        "2026-11-23\u{301}", "2026-11-23T03:12:07\u{2212}01:00",
    ])
    func whatIsNoTimeIsRefused(_ text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test(
        arguments: [
            ("03:12", 11_520_000_000), ("03:12:00.5", 11_520_500_000), ("03:12Z", 11_520_000_000),
            ("04:12+01:00", 11_520_000_000), ("00:30+01:00", 84_600_000_000), ("23:30-0100", 1_800_000_000),
        ] as [(String, Int64)])
    func aTimeOfDayIsReadWithItsOffset(_ text: String, _ microseconds: Int64) {
        #expect(Timestamp.timeOfDay(text) == microseconds)
    }

    @Test(arguments: ["", "3:12", "24:00", "03", "03:12x", "T03:12", "03:12:", "2026-11-23T03:12"])
    func whatIsNoTimeOfDayIsRefused(_ text: String) {
        #expect(Timestamp.timeOfDay(text) == nil)
    }

    @Test func secondsSince1970AreRead() {
        #expect(Timestamp(epochSeconds: "1795403520")?.description == "2026-11-23T03:12:00.000000Z")
        #expect(Timestamp(epochSeconds: "1795403520.25")?.description == "2026-11-23T03:12:00.250000Z")
        #expect(Timestamp(epochSeconds: "0")?.microseconds == 0)
        for text in ["", "-1", "+1", "1e9", "1.", "999999999999", "9223372036854775807", "99999999999999999999"] {
            #expect(Timestamp(epochSeconds: text) == nil, "\(text)")
        }
    }

    @Test func momentsThatISO8601CannotSayAreWrittenAsTheNearest() {
        #expect(Timestamp(microseconds: .max).description == "9999-12-31T23:59:59.999999Z")
        #expect(Timestamp(microseconds: .min).description == "0000-01-01T00:00:00.000000Z")
    }

    @Test func midnightIsTheBeginOfTheDayBefore1970AsWell() {
        #expect(Timestamp(microseconds: 86_400_000_005).microsecondsSinceMidnight == 5)
        #expect(Timestamp(microseconds: -5).microsecondsSinceMidnight == 86_399_999_995)
    }

    @Test func nowIsTheSystemsClock() {
        let before = Date().timeIntervalSince1970
        let now = Double(Timestamp.now.microseconds) / 1_000_000
        #expect(now >= before - 0.001 && now <= Date().timeIntervalSince1970 + 0.001)
    }
}
