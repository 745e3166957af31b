// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import HeapHistory
import Testing

@testable import dalloc

@Suite struct ZoneTests {
    private let now = Samples.time  // 2026-11-23T03:12:00Z

    private func zone(_ name: String) throws -> Zone { try #require(Zone(name)) }

    private func time(_ text: String, in name: String) throws -> String? {
        guard case .time(let time)? = try MomentArgument(text)?.resolved(now: now, in: zone(name)) else { return nil }
        return time.description
    }

    @Test(arguments: ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Chatham", "UTC"])
    func namesOfTheIANADatabaseAreKnown(_ name: String) throws {
        #expect(try zone(name).name == name)
    }

    @Test(arguments: ["", "Mars/Olympus", "Europe/Berlin ", "../etc/passwd", "/etc/localtime", "a\u{1B}[2J", "+01:00"])
    func othersAreRefused(_ name: String) {
        #expect { try Zone(option: name) } throws: {
            "\($0)".contains("is no time zone; write one of the IANA database")
        }
    }

    @Test func aTimeWithoutAnOffsetIsMeantInTheZone() throws {
        #expect(try time("2026-11-20T01:02:03", in: "Europe/Berlin") == "2026-11-20T00:02:03.000000Z")
        #expect(try time("2026-07-20 01:02", in: "Europe/Berlin") == "2026-07-19T23:02:00.000000Z")
        #expect(try time("2026-11-20", in: "America/New_York") == "2026-11-20T05:00:00.000000Z")
        #expect(try time("2026-11-20T01:02:03Z", in: "Europe/Berlin") == "2026-11-20T01:02:03.000000Z")
        #expect(try time("2026-11-20T01:02:03+05:00", in: "Europe/Berlin") == "2026-11-19T20:02:03.000000Z")
        #expect(try time("04:12", in: "Europe/Berlin") == "2026-11-23T03:12:00.000000Z")
        // In Berlin it is 04:12, in New York still yesterday.
        #expect(try time("04:13", in: "Europe/Berlin") == "2026-11-22T03:13:00.000000Z")
        #expect(try time("04:13Z", in: "Europe/Berlin") == "2026-11-22T04:13:00.000000Z")
        #expect(try time("22:12", in: "America/New_York") == "2026-11-23T03:12:00.000000Z")
        #expect(try time("1h", in: "Europe/Berlin") == "2026-11-23T02:12:00.000000Z")
    }

    @Test func whatClocksSkipIsNoTime() throws {
        let berlin = try zone("Europe/Berlin")
        #expect { try MomentArgument("2026-03-29T02:30")?.resolved(now: now, in: berlin) } throws: {
            "\($0)"
                == "2026-03-29 02:30:00.000 does not exist in Europe/Berlin: clocks are set forward then; write a time "
                + "with an offset, such as +01:00."
        }
        // On that day, the last 02:30 was the day before.
        let noon = try #require(Timestamp("2026-03-29T10:00:00Z"))
        #expect(
            try MomentArgument("02:30")?.resolved(now: noon, in: berlin)
                == .time(#require(Timestamp("2026-03-28T01:30Z"))))
    }

    @Test func ofTwoTimesTheFirstIsTakenAndSaid() throws {
        let berlin = try zone("Europe/Berlin")
        #expect(try time("2026-10-25T02:30", in: "Europe/Berlin") == "2026-10-25T00:30:00.000000Z")
        #expect(
            MomentArgument("2026-10-25T02:30")?.remark(now: now, in: berlin)
                == "2026-10-25 02:30:00.000 comes twice in Europe/Berlin: the first is taken, 2026-10-25 02:30:00.000 +02:00. "
                + "Write the other with its offset.")
        #expect(MomentArgument("2026-10-25T03:30")?.remark(now: now, in: berlin) == nil)
        #expect(MomentArgument("2026-10-25T02:30Z")?.remark(now: now, in: berlin) == nil)
    }

    @Test func theFutureIsRefusedInEveryZone() throws {
        #expect(try time("2026-11-23T04:12", in: "Europe/Berlin") == "2026-11-23T03:12:00.000000Z")
        for text in ["2026-11-23T04:14", "2026-11-24"] {
            #expect(throws: ValidationError.self, "\(text)") { try time(text, in: "Europe/Berlin") }
        }
        #expect(throws: Never.self) { try time("2026-11-23T04:14", in: "Asia/Tokyo") }
    }

    @Test func theDayThatWasTakenIsSaidInTheZone() throws {
        #expect(
            try MomentArgument("23:59")?.remark(now: now, in: zone("Europe/Berlin"))
                == "23:59 is taken for yesterday's, 2026-11-22 23:59 +01:00: today's is still to come.")
        #expect(try MomentArgument("04:12")?.remark(now: now, in: zone("Europe/Berlin")) == nil)
    }

    @Test func tablesShowTheZoneWithItsOffset() throws {
        var screen = Screen.plain
        screen.zone = try zone("America/New_York")
        let gap = Gap(start: Samples.time, end: nil, cause: .lineLoss, operations: 1, frames: nil)
        let list = GapList(
            device: "a", heap: 0, name: "main", since: Samples.time, until: Samples.time.later(1), knownUntil: nil,
            gaps: [gap])
        #expect(
            GapsView.render(list, on: screen).text == """
                FROM                            TO          LASTED  MISSING      CAUSE
                2026-11-22 22:12:00.000 -05:00  still open  0.00 s  1 operation  frames were lost on the line

                Nothing of this heap is known yet.

                """)
        #expect(
            GapSentence.text(gap, in: screen.zone).hasPrefix("Gap since 2026-11-22 22:12:00.000 -05:00, still open"))
        let history = Samples.history(minutes: 2, [Samples.point(0, used: 1, peak: 1)])
        #expect(HistoryView.render(history, on: screen).text.contains("\n2026-11-22 22:12:00.000 -05:00  "))
        screen = Samples.terminal()
        screen.zone = try zone("Asia/Kolkata")
        let text = HistoryView.render(history, on: screen).text
        #expect(text.contains("· 2026-11-23 ·") && text.contains("\n08:42 +05:30  ") && text.contains(" 08:42  "))
    }

    @Test func noMomentIsTooFar() throws {
        let berlin = try zone("Europe/Berlin")
        for microseconds in [Int64.min, .max, -62_167_219_200_000_000, 253_402_300_799_999_999] {
            let time = Timestamp(microseconds: microseconds)
            #expect(!berlin.full(time).isEmpty)
            _ = berlin.moments(showing: time)
        }
    }
}
