// SPDX-License-Identifier: Apache-2.0
//
// How a table writes its times. In a pipe or a file each says all; on a terminal what every time would repeat is left
// out: a date that they share, which the heading says, and zeros at the end.

import HeapHistory

struct TimeColumn {
    /// The day that all times share; nil when each cell says its own.
    let sharedDate: String?
    /// `03:12:00.250`, or as much of it as differs from zero in some time.
    private let timeOfDayLength: Int

    init(_ times: some Sequence<Timestamp>, on screen: Screen) {
        let dates = Set(times.lazy.map(Figures.date))
        sharedDate = screen.isTerminal && dates.count == 1 ? dates.first : nil
        let areWhole = { (unit: Int64) in times.allSatisfy { $0.microseconds % unit == 0 } }
        timeOfDayLength = !screen.isTerminal ? 12 : areWhole(60_000_000) ? 5 : areWhole(1_000_000) ? 8 : 12
    }

    var column: TextTable.Column { TextTable.Column(title: "TIME UTC") }

    func cell(_ time: Timestamp) -> TextTable.Cell {
        let timeOfDay = String(Figures.timeOfDay(time).prefix(timeOfDayLength))
        return TextTable.Cell(sharedDate == nil ? Figures.date(time) + " " + timeOfDay : timeOfDay)
    }
}
