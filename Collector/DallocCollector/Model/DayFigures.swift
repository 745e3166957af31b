// SPDX-License-Identifier: Apache-2.0
//
// What a heap did on a day: the device-day that builds are compared by.

internal import HeapHistory

struct DayFigures: Equatable, Sendable {
    /// When the day begins, in UTC: microseconds since 1970.
    var time: Int64
    /// At its end, in bytes.
    var used: UInt32
    var liveBlocks: UInt32
    /// Most bytes and most blocks at a time.
    var peak: UInt32 = 0
    var peakBlocks: UInt32 = 0
    /// Microseconds in which the table was known.
    var known = Count.zero
    var lost = Count.zero
    var work = HeapWork()
}

extension [DayFigures] {
    /// - Parameters:
    ///   - peakBlocks: most blocks at a time since the heap's frame before.
    ///   - known: microseconds since then, where the table was known all the time.
    mutating func add(_ record: FrameRecord, peakBlocks: UInt32, known: Int64) {
        guard let figures = record.figures else { return }
        let time = record.frame.time.microseconds
        let start = time.subtractingClamped(time.flooredRemainder(GroupPeriod.day))
        if last?.time != start { append(DayFigures(time: start, used: 0, liveBlocks: 0)) }
        let day = count - 1
        (self[day].used, self[day].liveBlocks) = (UInt32(clamping: figures.used), UInt32(clamping: figures.liveBlocks))
        self[day].peak = Swift.max(self[day].peak, UInt32(clamping: figures.peak))
        self[day].peakBlocks = Swift.max(self[day].peakBlocks, peakBlocks)
        self[day].known += known
        self[day].lost += record.lost
        self[day].work += record.work
    }
}
