// SPDX-License-Identifier: Apache-2.0
//
// The groups of a heap up to the last frame that was gathered, and the period that is not over yet: a row of the table open_groups.

internal import HeapHistory
internal import HeapReplica
internal import HeapWire

struct OpenGroups {
    var replay: GroupReplay
    /// The heap's last frame that is in it; 0: none.
    private(set) var sequence: UInt32 = 0
    /// When the period begins: a whole hour; nil before the first frame.
    private(set) var time: Int64?
    /// When the last frame was.
    private(set) var lastTime: Int64 = 0
    /// Which of the hours that are closed were known at their end.
    private(set) var sampledHours: [Bool] = []
    private(set) var known: Int64 = 0
    private(set) var operations: Int64 = 0
    /// What one portion of frames of a heap may cost, in steps of its replica: about a second. A device can send operations that cost
    /// a step for each of 65,535 blocks, and all others wait for it.
    static let mostSteps: UInt64 = 200_000_000

    init(_ layout: HeapLayout, ticksPerSecond: UInt32) {
        replay = GroupReplay(layout, ticksPerSecond: ticksPerSecond)
    }

    /// What is stored of it.
    init(
        _ replay: GroupReplay, sequence: UInt32, time: Int64?, lastTime: Int64, sampledHours: [Bool], known: Int64,
        operations: Int64
    ) {
        (self.replay, self.sequence, self.time, self.lastTime) = (replay, sequence, time, lastTime)
        (self.sampledHours, self.known, self.operations) = (sampledHours, known, operations)
        self.replay.closedHours = sampledHours.count
    }

    /// What some frames, in order, add to the history.
    struct News {
        var periods: [GroupPeriod] = []
        var days: [DayFigures] = []
    }

    /// Takes the heap's next frames.
    mutating func add(_ records: [FrameRecord], mostSteps: UInt64 = OpenGroups.mostSteps) -> News {
        var news = News()
        let before = replay.table.replica.steps
        for record in records {
            goOn(to: record.frame.time.microseconds, &news.periods)
            let isOver = replay.table.replica.steps &- before >= mostSteps
            if isOver { replay.forget() }
            let isWhole = !isOver && replay.apply(record.frame)
            let passed = isWhole ? max(0, record.frame.time.microseconds.subtractingClamped(lastTime)) : 0
            known = known.addingClamped(passed)
            operations = operations.addingClamped(record.work.operations.value)
            (sequence, lastTime) = (record.frame.sequence, record.frame.time.microseconds)
            let told = UInt32(clamping: record.figures?.liveBlocks ?? 0)
            let blocks = isOver ? told : max(replay.peakBlocks, told)
            news.days.add(record, peakBlocks: blocks, known: passed)
        }
        return news
    }

    // MARK: Time

    private mutating func goOn(to now: Int64, _ periods: inout [GroupPeriod]) {
        let hour = now.subtractingClamped(now.flooredRemainder(GroupPeriod.hour))
        guard let start = time else { return begin(at: hour) }
        // Before the end of the hour that is open.
        guard hour.subtractingClamped(currentHour) >= GroupPeriod.hour else { return }
        let day = start.subtractingClamped(start.flooredRemainder(GroupPeriod.day)).addingClamped(GroupPeriod.day)
        repeat {
            closeHour()
        } while currentHour < hour && currentHour < day
        guard currentHour >= day || pays else { return }
        periods.append(GroupPeriod(self))
        begin(at: hour)
    }

    /// When the hour that is open began.
    private var currentHour: Int64 {
        (time ?? 0).addingClamped(Int64(sampledHours.count).multipliedClamped(by: GroupPeriod.hour))
    }

    private mutating func closeHour() {
        sampledHours.append(replay.isKnown)
        replay.tally.closeHour()
        replay.closedHours = sampledHours.count
    }

    private mutating func begin(at hour: Int64) {
        (time, sampledHours, known, operations) = (hour, [], 0, 0)
        replay.closedHours = 0
        replay.tally.beginPeriod()
    }

    /// A row of an hour takes about as many bytes as there were operations, or fewer.
    private var pays: Bool { Int64(min(replay.tally.entries.count, GroupPeriod.most)) &* 50 <= operations }
}
