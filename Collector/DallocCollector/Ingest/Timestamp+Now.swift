// The collector's clock.

internal import Foundation
internal import HeapHistory

extension Timestamp {
    /// A double counts microseconds exactly until the year 2255.
    static var now: Timestamp {
        Timestamp(microseconds: Int64(Date.now.timeIntervalSince1970 * 1_000_000))
    }
}
