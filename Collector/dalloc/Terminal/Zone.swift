// SPDX-License-Identifier: Apache-2.0
//
// The time zone in which people write times and read them in tables. Programs get UTC, whatever the zone is.

import CommandSupport
import ArgumentParser
import Foundation
import HeapHistory

struct Zone: Equatable, Sendable, CustomStringConvertible {
    static let utc = Zone(name: "UTC", zone: nil)

    /// As the IANA database has it.
    let name: String
    /// Nil for UTC.
    private let zone: TimeZone?

    var description: String { name }

    private init(name: String, zone: TimeZone?) { (self.name, self.zone) = (name, zone) }

    /// Nil when there is no such zone.
    init?(_ name: String) {
        if name == Self.utc.name {
            self = .utc
        } else if name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), let zone = TimeZone(identifier: name) {
            self.init(name: name, zone: zone)
        } else {
            return nil
        }
    }

    /// For an option that tells in a sentence what is wrong.
    init(option text: String) throws {
        guard let zone = Zone(text) else {
            throw ValidationError(
                "'\(text.printable)' is no time zone; write one of the IANA database: Europe/Berlin, America/New_York, UTC."
            )
        }
        self = zone
    }

    // MARK: What clocks in the zone show

    /// What a clock shows, as if it were in UTC.
    func local(_ time: Timestamp) -> Timestamp { time.later(byMicroseconds: offset(at: time)) }

    /// When clocks show this date and time, which is given as if it were in UTC: never in the hour that they skip in spring, twice in
    /// the one that comes again in autumn. In the order of time.
    func moments(showing local: Timestamp) -> [Timestamp] {
        // No zone changes twice within two days.
        let offsets = [-Self.day, Self.day].map { offset(at: local.later(byMicroseconds: $0)) }
        return Set(offsets.map { local.later(byMicroseconds: Int64.zero.subtractingClamped($0)) })
            .filter { self.local($0) == local }.sorted()
    }

    private static let day: Int64 = 86_400_000_000
    /// Years in which zones are known, in seconds: 1800 to 2200. Before and after, those at these ends hold.
    private static let years: ClosedRange<Int64> = -5_364_662_400...7_258_118_400

    /// East of UTC, in microseconds.
    private func offset(at time: Timestamp) -> Int64 {
        guard let zone else { return 0 }
        let seconds = min(max(time.microseconds / 1_000_000, Self.years.lowerBound), Self.years.upperBound)
        let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
        return Int64(offset).multipliedClamped(by: 1_000_000)
    }

    // MARK: Times in words

    /// `FROM UTC`; `FROM` where each time has its offset.
    func title(_ title: String) -> String { self == .utc ? title + " UTC" : title }

    /// `2026-11-23`.
    func date(_ time: Timestamp) -> String { Figures.date(local(time)) }

    /// What follows a time: ` +01:00`, and in UTC nothing.
    func suffix(_ time: Timestamp) -> String {
        guard self != .utc else { return "" }
        let minutes = offset(at: time) / 60_000_000
        let (hours, rest) = minutes.magnitude.quotientAndRemainder(dividingBy: 60)
        func twoDigits(_ number: UInt64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return (minutes < 0 ? " -" : " +") + twoDigits(hours) + ":" + twoDigits(rest)
    }

    /// `2026-11-23 03:12:00.250`, where UTC is said beside it, or `2026-11-23 04:12:00.250 +01:00`.
    func dateAndTime(_ time: Timestamp) -> String { Figures.dateAndTime(local(time)) + suffix(time) }

    /// The same without the date when it is that of another moment.
    func time(_ time: Timestamp, beside other: Timestamp) -> String {
        Figures.time(local(time), beside: local(other)) + suffix(time)
    }

    /// `2026-11-23 03:12:00.250 UTC`, or `2026-11-23 04:12:00.250 +01:00`.
    func full(_ time: Timestamp) -> String { named(dateAndTime(time)) }

    func full(_ time: Timestamp, beside other: Timestamp) -> String { named(self.time(time, beside: other)) }

    private func named(_ text: String) -> String { self == .utc ? text + " UTC" : text }
}
