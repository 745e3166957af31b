// SPDX-License-Identifier: Apache-2.0
//
// Figures of the fleet, from memory alone.

internal import HeapHistory

extension HistoryQuery {
    /// - Parameter connected: devices that have a session open.
    func fleet(_ selection: FleetSelection, connected: Set<String>) -> FleetFigures {
        var (figures, series, isFull) = (FleetFigures(), 0, false)
        forEachDevice(connected, after: nil, matching: selection.filter, slice: 512) { known in
            guard let device = selection.choice(of: known) else { return true }
            series = series.addingClamped(device.mostSeries)
            // What comes after a device without room is left out, too: so the answer ends in one place.
            isFull = isFull || figures.devices.count >= selection.limit || series > selection.series
            if isFull {
                figures.leftOut = figures.leftOut.addingClamped(1)
            } else {
                figures.devices.append(device)
            }
            return true
        }
        return figures
    }
}
