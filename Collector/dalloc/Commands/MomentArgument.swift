// SPDX-License-Identifier: Apache-2.0
//
// A moment as people type it: 10m (ago), 2026-11-23T03:12:00Z, 03:12 (the last one), @1795403520, now, boot:8f3a01c2, or #1042.

import CommandSupport
import ArgumentParser
import HeapHistory

enum MomentArgument: Equatable {
    case time(Timestamp)
    /// What the clocks of --timezone show, as if it were in UTC.
    case local(Timestamp)
    /// The most recent such time of a day, in microseconds since midnight in UTC.
    case timeOfDay(Int64)
    /// The same since midnight in --timezone.
    case localTimeOfDay(Int64)
    case ago(Interval)
    case now
    /// Where that boot begins, or ends: the collector knows.
    case boot(BootName)
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
        } else if text.hasPrefix(BootName.prefix) {
            guard let name = BootName(bound: text) else { return nil }
            self = .boot(name)
        } else if let span = Interval(text) {
            self = .ago(span)
        } else if let time = Timestamp(text) {
            self = Timestamp.namesOffset(text) ? .time(time) : .local(time)
        } else if let inDay = Timestamp.timeOfDay(text) {
            self = Timestamp.namesOffset(text) ? .timeOfDay(inDay) : .localTimeOfDay(inDay)
        } else {
            return nil
        }
    }

    /// The same moment in words of the API: a time, a boot or a sequence number.
    /// - Throws: a usage error when clocks in the zone never show that time, or it is in the future.
    func resolved(now: Timestamp, in zone: Zone) throws -> MomentArgument {
        switch self {
        case .time, .boot, .sequence: return self
        case .now: return .time(now)
        case .timeOfDay(let inDay): return .time(Self.last(inDay, before: now, in: .utc))
        case .localTimeOfDay(let inDay): return .time(Self.last(inDay, before: now, in: zone))
        case .ago(let span):
            return .time(Timestamp(microseconds: now.microseconds.subtractingClamped(span.microseconds)))
        case .local(let local):
            guard let time = zone.moments(showing: local).first else {
                throw ValidationError(
                    "\(Figures.dateAndTime(local)) does not exist in \(zone.name): clocks are set forward then; write a time "
                        + "with an offset, such as +01:00.")
            }
            try Self.refuseFuture(time, Figures.dateAndTime(local) + zone.suffix(time), now)
            return .time(time)
        }
    }

    /// What was taken where the words leave a choice: the day of a time without a date, when it isn't today (at 11:04, 23:59 is
    /// yesterday's), or one of two times that clocks show twice.
    func remark(now: Timestamp, in zone: Zone) -> String? {
        switch self {
        case .timeOfDay(let inDay): return Self.remark(inDay, now: now, in: .utc)
        case .localTimeOfDay(let inDay): return Self.remark(inDay, now: now, in: zone)
        case .local(let local):
            let moments = zone.moments(showing: local)
            guard moments.count > 1, let first = moments.first else { return nil }
            return
                "\(Figures.dateAndTime(local)) comes twice in \(zone.name): the first is taken, \(zone.full(first)). "
                + "Write the other with its offset."
        case .time, .ago, .now, .boot, .sequence: return nil
        }
    }

    private static func remark(_ inDay: Int64, now: Timestamp, in zone: Zone) -> String? {
        let time = last(inDay, before: now, in: zone)
        guard zone.date(time) != zone.date(now) else { return nil }
        let (day, text) = (zone.date(time), Figures.shortTimeOfDay(zone.local(time)))
        let place = zone == .utc ? " UTC" : zone.suffix(time)
        return "\(text) is taken for yesterday's, \(day) \(text)\(place): today's is still to come."
    }

    private static func last(_ inDay: Int64, before now: Timestamp, in zone: Zone) -> Timestamp {
        let local = zone.local(now)
        let midnight = local.microseconds.subtractingClamped(local.microsecondsSinceMidnight)
        // Clocks may skip the time on one day, and today's may be still to come.
        for day: Int64 in 0...2 {
            let shown = Timestamp(microseconds: midnight.addingClamped(inDay))
                .later(byMicroseconds: day.multipliedClamped(by: -Self.day))
            if let time = zone.moments(showing: shown).last(where: { $0 <= now }) { return time }
        }
        return now
    }

    private static let day: Int64 = 86_400_000_000
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
            if case .time(let time) = moment { try refuseFuture(time, text, now) }
            return moment
        }
    }

    static func timeOrSequence(_ text: String, from lowest: UInt32, now: Timestamp = .now) throws -> MomentArgument {
        if case .sequence(let number) = MomentArgument(text) {
            guard number >= lowest else { throw ValidationError("sequence numbers begin at \(lowest).") }
            return .sequence(number)
        }
        guard MomentArgument(text) != nil else {
            throw ValidationError("'\(text)' is neither a time nor a sequence number; \(hint), or '#SEQUENCE'.")
        }
        return try time(text, now: now)
    }

    private static func refuseFuture(_ time: Timestamp, _ text: String, _ now: Timestamp) throws {
        guard time > now.later(byMicroseconds: clockTolerance) else { return }
        throw ValidationError("\(text) is in the future: nothing is known of it.")
    }

    private static let hint =
        "write 30s, 10m, 1h30m, 2d or 1w (ago), 2026-11-23T03:12:00Z, any offset such as +01:00, @1795403520 (epoch), "
        + "03:12 (the last one), or boot:ID"
}
