// SPDX-License-Identifier: Apache-2.0

import CommandSupport
import ArgumentParser
import HeapHistory
import Testing

@testable import dalloc

@Suite struct MomentTests {
    private let now = Timestamp(microseconds: 1_795_403_520_000_000)  // 2026-11-23T03:12:00Z

    private func time(_ text: String) -> String? {
        guard case .time(let time)? = try? MomentArgument(text)?.resolved(now: now, in: .utc) else { return nil }
        return time.description
    }

    @Test(arguments: [
        ("30s", "2026-11-23T03:11:30.000000Z"), ("10m", "2026-11-23T03:02:00.000000Z"),
        ("1h", "2026-11-23T02:12:00.000000Z"), ("2d", "2026-11-21T03:12:00.000000Z"),
        ("250ms", "2026-11-23T03:11:59.750000Z"), ("now", "2026-11-23T03:12:00.000000Z"),
        ("2026-11-20T01:02:03.000004Z", "2026-11-20T01:02:03.000004Z"),
        ("03:10", "2026-11-23T03:10:00.000000Z"), ("00:00:01.5", "2026-11-23T00:00:01.500000Z"),
        ("1w", "2026-11-16T03:12:00.000000Z"), ("1h30m", "2026-11-23T01:42:00.000000Z"),
        ("1d12h", "2026-11-21T15:12:00.000000Z"), ("1w2d3h4m5s6ms", "2026-11-14T00:07:54.994000Z"),
        ("@1795403519.5", "2026-11-23T03:11:59.500000Z"),
        ("2026-11-23T04:11:00+01:00", "2026-11-23T03:11:00.000000Z"),
        ("2026-11-23T03:11:00+0000", "2026-11-23T03:11:00.000000Z"),
        // The most recent such time: one that has not come today was yesterday.
        ("03:12", "2026-11-23T03:12:00.000000Z"), ("03:12:00.000001", "2026-11-22T03:12:00.000001Z"),
        ("23:59", "2026-11-22T23:59:00.000000Z"), ("04:12+01:00", "2026-11-23T03:12:00.000000Z"),
        ("00:30+01:00", "2026-11-22T23:30:00.000000Z"),
    ])
    func timesAreReadInEveryForm(_ text: String, _ expected: String) {
        #expect(time(text) == expected)
    }

    @Test func theDayThatWasTakenIsSaidWhenItIsNotToday() {
        #expect(
            MomentArgument("23:59")?.remark(now: now, in: .utc)
                == "23:59 is taken for yesterday's, 2026-11-22 23:59 UTC: today's is still to come.")
        for text in ["03:12", "1d", "2026-11-22T03:12", "now", "#7"] {
            #expect(MomentArgument(text)?.remark(now: now, in: .utc) == nil)
        }
    }

    @Test func theFutureIsRefused() throws {
        for text in ["2026-11-23T03:13:00.000001Z", "@1795403581", "9999-12-31T23:59:59Z"] {
            let sentence = "\(text) is in the future: nothing is known of it."
            #expect { try MomentArgument.time(text, now: now) } throws: { "\($0)" == sentence }
            #expect { try MomentArgument.timeOrSequence(text, from: 0, now: now) } throws: { "\($0)" == sentence }
        }
        // What a time without an offset means is known with --timezone.
        #expect {
            try MomentArgument.time("2030-01-01", now: now).resolved(now: now, in: .utc)
        } throws: {
            "\($0)" == "2030-01-01 00:00:00.000 is in the future: nothing is known of it."
        }
        // A minute for the clocks of two machines.
        #expect(try MomentArgument.time("2026-11-23T03:13:00Z", now: now) == .time(now.later(60_000_000)))
        #expect(try MomentArgument.time("now", now: now) == .now)
    }

    @Test func sequenceNumbersAreThirtyTwoBitsWide() {
        #expect(MomentArgument("#0") == .sequence(0))
        #expect(MomentArgument("#4294967295") == .sequence(.max))
        for text in ["#", "#-1", "#+1", "#4294967296", "# 1", "#1x", "1042"] { #expect(MomentArgument(text) == nil) }
    }

    @Test(arguments: [
        "", "s", "0s", "-1h", "1.5h", "1 h", "1H", "9999999999999999999d", "106751991168d", "25:00", "1m1h", "1h1h",
        "1h30", "h1", "0h0m", "15250284452w5d", "1h-30m", "@", "@x", "@-1", "1m\u{301}", "٣h",
    ])
    func whatIsNoMomentIsRefused(_ text: String) {
        #expect(MomentArgument(text) == nil)
        #expect(throws: ValidationError.self) { try MomentArgument.time(text) }
        #expect(throws: ValidationError.self) { try MomentArgument.timeOrSequence(text, from: 0) }
    }

    @Test func aDurationLongerThanTimeItselfIsAtTheBeginOfTime() {
        #expect(time("106751991d") != nil)
    }

    @Test func onlySomeOptionsTakeSequences() throws {
        #expect(throws: ValidationError.self) { try MomentArgument.time("#3") }
        #expect(throws: ValidationError.self) { try MomentArgument.timeOrSequence("#0", from: 1) }
        #expect(try MomentArgument.timeOrSequence("#0", from: 0) == .sequence(0))
    }

    @Test func aStretchThatEndsBeforeItBeginsIsAUsageError() throws {
        func range(_ since: String?, _ until: String?) throws -> TimeRange {
            try TimeRange(
                since: since.flatMap { MomentArgument($0) }, until: until.flatMap { MomentArgument($0) }, now: now,
                in: .utc)
        }
        for (since, until) in [("1h", "2h"), ("#5", "#4"), ("03:11", "03:13"), ("now", "1s")] {
            #expect(throws: ValidationError.self) { try range(since, until) }
        }
        // At 03:12, 03:13 is yesterday's, and the answer says so.
        #expect { try range("03:11", "03:13") } throws: { "\($0)".contains("03:13 is taken for yesterday's") }
        for (since, until) in [
            ("2h", "1h"), ("03:13", nil), ("#5", "#5"), ("#5", nil), (nil, "1h"), ("1h", "#5"), (nil, nil),
        ] {
            #expect(throws: Never.self) { try range(since, until) }
        }
    }

    @Test func aBootIsAMomentThatTheCollectorKnows() throws {
        let boot = MomentArgument("boot:8F3A01c2")
        #expect(try boot == .boot(#require(BootName("8f3a01c2"))))
        #expect(try boot?.resolved(now: now, in: .utc) == boot)
        #expect(try MomentArgument.time("boot:12", now: now) == .boot(#require(BootName("12"))))
        for text in ["boot:", "boot:g", "boot:-1", "boot:12345678901", "boot:8f3a01c", "boot:4294967296", "boot: 1"] {
            #expect(throws: ValidationError.self, "\(text)") { try MomentArgument.time(text) }
        }
    }
}
