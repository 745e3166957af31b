// SPDX-License-Identifier: Apache-2.0
//
// A moment as people type it: 10m (ago), 2026-11-23T03:12:00Z, 03:12 (the last one), @1795403520, now, or #1042.

import CommandSupport
import ArgumentParser
import HeapHistory

enum MomentArgument: Equatable {
    case time(Timestamp)
    /// The most recent such time of a day, in microseconds since midnight in UTC.
    case timeOfDay(Int64)
    case ago(Interval)
    case now
    /// A frame of the device's current boot.
    case sequence(UInt32)

    init?(_ text: String) {
        if text == "now" {
            self = .now
        } else if text.hasPrefix("#") {
            let digits = text.dropFirst()
            guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = UInt32(digits) else { return nil }
            self = .sequence(number)
        } else if text.hasPrefix("@") {
            guard let time = Timestamp(epochSeconds: text.dropFirst()) else { return nil }
            self = .time(time)
        } else if let span = Interval(text) {
            self = .ago(span)
        } else if let time = Timestamp(text) {
            self = .time(time)
        } else if let inDay = Timestamp.timeOfDay(text) {
            self = .timeOfDay(inDay)
        } else {
            return nil
        }
    }

    /// The same moment as a time or a sequence number, which are all that the API knows.
    func resolved(now: Timestamp) -> MomentArgument {
        switch self {
        case .time, .sequence: self
        case .now: .time(now)
        case .timeOfDay(let inDay): .time(Self.last(inDay, before: now))
        case .ago(let span):
            .time(Timestamp(microseconds: now.microseconds.subtractingClamped(span.microseconds)))
        }
    }

    /// Which day was taken for a time without a date, when it isn't today: at 11:04, 23:59 is yesterday's.
    func remark(now: Timestamp) -> String? {
        guard case .timeOfDay(let inDay) = self else { return nil }
        let time = Self.last(inDay, before: now)
        guard Figures.date(time) != Figures.date(now) else { return nil }
        let (day, text) = (Figures.date(time), Figures.shortTimeOfDay(time))
        return "\(text) is taken for yesterday's, \(day) \(text) UTC: today's is still to come."
    }

    private static func last(_ inDay: Int64, before now: Timestamp) -> Timestamp {
        let midnight = now.microseconds.subtractingClamped(now.microsecondsSinceMidnight)
        let today = Timestamp(microseconds: midnight.addingClamped(inDay))
        return today <= now ? today : today.later(byMicroseconds: -86_400_000_000)
    }
}

// For ArgumentParser's `transform`.
extension MomentArgument {
    /// The clocks of two machines differ a little: what a collector has just said is not the future.
    private static let clockTolerance: Int64 = 60_000_000

    static func time(_ text: String, now: Timestamp = .now) throws -> MomentArgument {
        switch MomentArgument(text) {
        case .sequence: throw ValidationError("a sequence number won't do here; \(hint).")
        case nil: throw ValidationError("'\(text)' is not a time; \(hint).")
        case let moment?:
            try moment.refuseFuture(text, now)
            return moment
        }
    }

    static func timeOrSequence(_ text: String, from lowest: UInt32, now: Timestamp = .now) throws -> MomentArgument {
        guard let moment = MomentArgument(text) else {
            throw ValidationError("'\(text)' is neither a time nor a sequence number; \(hint), or '#SEQUENCE'.")
        }
        if case .sequence(let number) = moment, number < lowest {
            throw ValidationError("sequence numbers begin at \(lowest).")
        }
        try moment.refuseFuture(text, now)
        return moment
    }

    private func refuseFuture(_ text: String, _ now: Timestamp) throws {
        guard case .time(let time) = self, time > now.later(byMicroseconds: Self.clockTolerance) else { return }
        throw ValidationError("\(text) is in the future: nothing is known of it.")
    }

    private static let hint =
        "write 30s, 10m, 1h30m, 2d or 1w (ago), 2026-11-23T03:12:00Z, any offset such as +01:00, @1795403520 (epoch), "
        + "or 03:12 (the last one in UTC)"
}
