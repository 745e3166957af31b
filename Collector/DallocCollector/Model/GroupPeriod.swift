// SPDX-License-Identifier: Apache-2.0
//
// What the groups of a heap's blocks were and did in some hours of a day: one row of the table group_periods.

internal import HeapHistory

struct GroupPeriod: Equatable, Sendable {
    struct Group: Equatable, Sendable {
        var group: BlockGroup
        var figures: GroupFigures
        /// The fewest live bytes in each stretch of ``GroupPeriod/pointHours``; nil where the table was not known.
        var points: [UInt64?]
    }

    /// When it begins: a whole hour, in microseconds since 1970.
    var time: Int64
    /// How many hours it has: 1 to 24.
    var hours: Int
    /// Hours of a point.
    var pointHours: Int
    /// Seconds of it in which the table was known.
    var knownSeconds: Int64
    /// The largest first. What is not told apart is in `others`, the last one.
    var groups: [Group]
    /// How many are told apart by the collector; the smallest of them may be in `others`.
    var groupCount: Int
    /// No group in `others` ever held more live bytes, as far as points tell; nil when all groups are told apart.
    var largestOther: UInt64?

    var end: Int64 { time.addingClamped(Int64(hours).multipliedClamped(by: GroupPeriod.hour)) }

    static let hour: Int64 = 3_600_000_000
    static let day: Int64 = 86_400_000_000
    /// Groups that a row tells apart.
    static let most = 64
}
