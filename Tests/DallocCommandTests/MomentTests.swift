import ArgumentParser
import HeapHistory
import Testing

@testable import dalloc

@Suite struct MomentTests {
    private let now = Timestamp(microseconds: 1_795_403_520_000_000)  // 2026-11-23T03:12:00Z

    private func time(_ text: String) -> String? {
        guard case .time(let time)? = Moment(text)?.resolved(now: now) else { return nil }
        return time.description
    }

    @Test(arguments: [
        ("30s", "2026-11-23T03:11:30.000000Z"), ("10m", "2026-11-23T03:02:00.000000Z"),
        ("1h", "2026-11-23T02:12:00.000000Z"), ("2d", "2026-11-21T03:12:00.000000Z"),
        ("250ms", "2026-11-23T03:11:59.750000Z"), ("now", "2026-11-23T03:12:00.000000Z"),
        ("2026-11-20T01:02:03.000004Z", "2026-11-20T01:02:03.000004Z"),
        ("03:10", "2026-11-23T03:10:00.000000Z"), ("00:00:01.5", "2026-11-23T00:00:01.500000Z"),
    ])
    func timesAreReadInEveryForm(_ text: String, _ expected: String) {
        #expect(time(text) == expected)
    }

    @Test func sequenceNumbersAreThirtyTwoBitsWide() {
        #expect(Moment("#0") == .sequence(0))
        #expect(Moment("#4294967295") == .sequence(.max))
        for text in ["#", "#-1", "#+1", "#4294967296", "# 1", "#1x", "1042"] { #expect(Moment(text) == nil) }
    }

    @Test(arguments: [
        "", "s", "0s", "-1h", "1.5h", "1 h", "1H", "9999999999999999999d", "106751991168d", "1w", "25:00",
    ])
    func whatIsNoMomentIsRefused(_ text: String) {
        #expect(Moment(text) == nil)
        #expect(throws: ValidationError.self) { try Moment.time(text) }
        #expect(throws: ValidationError.self) { try Moment.timeOrSequence(text, from: 0) }
    }

    @Test func aDurationLongerThanTimeItselfIsAtTheBeginOfTime() {
        #expect(time("106751991d") != nil)
    }

    @Test func onlySomeOptionsTakeSequences() throws {
        #expect(throws: ValidationError.self) { try Moment.time("#3") }
        #expect(throws: ValidationError.self) { try Moment.timeOrSequence("#0", from: 1) }
        #expect(try Moment.timeOrSequence("#0", from: 0) == .sequence(0))
    }

    @Test func aStretchThatEndsBeforeItBeginsIsAUsageError() throws {
        func stretch(_ since: String?, _ until: String?) throws -> Stretch {
            try Stretch(since: since.flatMap { Moment($0) }, until: until.flatMap { Moment($0) }, now: now)
        }
        for (since, until) in [("1h", "2h"), ("#5", "#4"), ("03:13", nil), ("now", "1s")] {
            #expect(throws: ValidationError.self) { try stretch(since, until) }
        }
        for (since, until) in [("2h", "1h"), ("#5", "#5"), ("#5", nil), (nil, "1h"), ("1h", "#5"), (nil, nil)] {
            #expect(throws: Never.self) { try stretch(since, until) }
        }
    }

    @Test(arguments: [
        (nil, nil, "1m"), ("1h", nil, "1m"), ("10m", nil, "10s"), ("5s", nil, "100ms"), ("1d", nil, "30m"),
        ("2d", "1d", "30m"), ("30d", nil, "12h"), ("365d", nil, "7d"),
    ])
    func theStepGivesAboutSixtyPoints(_ since: String?, _ until: String?, _ step: String) throws {
        let stretch = try Stretch(
            since: since.flatMap { Moment($0) }, until: until.flatMap { Moment($0) }, now: now)
        #expect(stretch.roundStep(now: now) == Span(step))
    }
}
