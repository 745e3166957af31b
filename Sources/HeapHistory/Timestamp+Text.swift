// SPDX-License-Identifier: Apache-2.0
//
// The one way in which a written time is read: on the command line, in a request and in an answer.

extension Timestamp {
    /// Reads RFC 3339, and what people and tools write like it (`date -Is`, `date --rfc-3339=ns`, `stat`, logs): a
    /// date, optionally with `T` or a blank and a time. The time may lack its seconds, may have one to nine decimals
    /// after a point or comma, of which six count, and may end with `Z` or with an offset: `+01:00`, `+0100` or `+01`,
    /// a blank before it or not. Without either it is in UTC. Letters may be small. Nil for anything else, leap
    /// seconds and years beyond 0000 to 9999 included.
    public init?(_ text: some StringProtocol) {
        var reader = TimeReader(text)
        guard let days = reader.daysSinceEpoch() else { return nil }
        var (inDay, offset): (Int64, Int64) = (0, 0)
        if !reader.isAtEnd {
            guard reader.skip("T") || reader.skip("t") || reader.skip(" "), let time = reader.timeOfDay(),
                let zone = reader.offset(), reader.isAtEnd
            else { return nil }
            (inDay, offset) = (time, zone)
        }
        // Days of a year with four digits: far from what Int64 holds.
        let microseconds = days * Self.microsecondsPerDay + inDay - offset
        guard Self.limits.contains(microseconds) else { return nil }
        self.init(microseconds: microseconds)
    }

    /// Reads a time of day in the same forms, `03:12` or `03:12:00.5+01:00`: microseconds since midnight in UTC,
    /// 0 ..< 86,400,000,000.
    public static func timeOfDay(_ text: some StringProtocol) -> Int64? {
        var reader = TimeReader(text)
        guard let time = reader.timeOfDay(), let zone = reader.offset(), reader.isAtEnd else { return nil }
        return (time - zone).flooredDivision(by: microsecondsPerDay).remainder
    }

    /// Whether a time that ``init(_:)`` or ``timeOfDay(_:)`` reads says where it is meant: `Z`, or an offset.
    public static func namesOffset(_ text: some StringProtocol) -> Bool {
        var reader = TimeReader(text)
        if reader.daysSinceEpoch() != nil {
            guard reader.skip("T") || reader.skip("t") || reader.skip(" ") else { return false }
        } else {
            reader = TimeReader(text)
        }
        return reader.timeOfDay() != nil && !reader.isAtEnd
    }

    /// Reads seconds since 1970-01-01T00:00:00Z, with up to nine decimals of which six count: `1795403520.25`.
    public init?(epochSeconds text: some StringProtocol) {
        var reader = TimeReader(text)
        guard let seconds = reader.number(), let fraction = reader.decimals(), reader.isAtEnd else { return nil }
        let (whole, isTooLarge) = seconds.multipliedReportingOverflow(by: 1_000_000)
        guard !isTooLarge, Self.limits.contains(whole) else { return nil }
        self.init(microseconds: whole + fraction)
    }

    static let microsecondsPerDay: Int64 = 86_400_000_000
}
