// SPDX-License-Identifier: Apache-2.0
//
// How a table writes its times. In a pipe or a file each says all; on a terminal what every time would repeat is left
// out: a date that they share, which the heading says, and zeros at the end.

import CommandSupport
import HeapHistory

struct TimeColumn {
    /// The day that all times share; nil when each cell says its own.
    let sharedDate: String?
    /// `03:12:00.250`, or as much of it as differs from zero in some time.
    private let timeOfDayLength: Int
    private let zone: Zone

    init(_ times: some Sequence<Timestamp>, on screen: Screen) {
        let zone = screen.zone
        self.zone = zone
        let dates = Set(times.lazy.map { zone.date($0) })
        sharedDate = screen.isTerminal && dates.count == 1 ? dates.first : nil
        let areWhole = { (unit: Int64) in times.allSatisfy { $0.microseconds % unit == 0 } }
        timeOfDayLength = !screen.isTerminal ? 12 : areWhole(60_000_000) ? 5 : areWhole(1_000_000) ? 8 : 12
    }

    var column: TextTable.Column { TextTable.Column(title: zone.title("TIME")) }

    func cell(_ time: Timestamp) -> TextTable.Cell {
        let local = zone.local(time)
        let timeOfDay = String(Figures.timeOfDay(local).prefix(timeOfDayLength)) + zone.suffix(time)
        return TextTable.Cell(sharedDate == nil ? Figures.date(local) + " " + timeOfDay : timeOfDay)
    }
}
