// A moment as people type it: 10m (ago), 2026-11-23T03:12:00Z, 03:12 (today), now, or #1042.

import ArgumentParser
import HeapHistory

enum Moment: Equatable {
    case time(Timestamp)
    /// A time of the current day, in microseconds since its midnight in UTC.
    case today(Int64)
    case ago(Span)
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
        } else if let span = Span(text) {
            self = .ago(span)
        } else if let time = Timestamp(text) {
            self = .time(time)
        } else if let time = Timestamp("1970-01-01T" + text) {
            self = .today(time.microseconds)
        } else {
            return nil
        }
    }

    /// The same moment as a time or a sequence number, which are all that the API knows.
    func resolved(now: Timestamp) -> Moment {
        switch self {
        case .time, .sequence: self
        case .now: .time(now)
        case .today(let inDay):
            .time(Timestamp(microseconds: now.microseconds - now.microsecondsSinceMidnight + inDay))
        case .ago(let span):
            .time(Timestamp(microseconds: now.microseconds.subtractingClamped(span.microseconds)))
        }
    }
}

// For ArgumentParser's `transform`.
extension Moment {
    static func time(_ text: String) throws -> Moment {
        switch Moment(text) {
        case .sequence: throw ValidationError("a sequence number won't do here; \(hint).")
        case nil: throw ValidationError("'\(text)' is not a time; \(hint).")
        case let moment?: return moment
        }
    }

    static func timeOrSequence(_ text: String, from lowest: UInt32) throws -> Moment {
        guard let moment = Moment(text) else {
            throw ValidationError("'\(text)' is neither a time nor a sequence number; \(hint), or '#SEQUENCE'.")
        }
        if case .sequence(let number) = moment, number < lowest {
            throw ValidationError("sequence numbers begin at \(lowest).")
        }
        return moment
    }

    private static let hint = "write 30s, 10m, 1h or 2d (ago), 2026-11-23T03:12:00Z or 03:12 (today), in UTC"
}

extension Int64 {
    fileprivate func subtractingClamped(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? .min : difference
    }
}
