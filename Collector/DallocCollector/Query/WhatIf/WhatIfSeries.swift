// SPDX-License-Identifier: Apache-2.0
//
// How a heap stood over a range of time, in points of equal width. Time goes forward only: an operation that is dated before the one
// before it counts where that does, and one outside the range at its nearest end.

struct WhatIfSeries: Sendable {
    static let mostPoints = 200

    let start: Int64
    /// Microseconds that a point stands for.
    let width: UInt64
    /// From the first to the one that the last operation is in.
    private(set) var points: [WhatIfPoint]
    private let count: Int
    /// Microseconds of the range.
    private let length: UInt64
    private var figures: WhatIfFigures
    /// Microseconds from the start to where the last point ends.
    private var pointEnd: UInt64

    init(from start: Int64, to end: Int64, points count: Int, figures: WhatIfFigures) {
        self.start = start
        self.count = min(max(count, 1), Self.mostPoints)
        // The true difference, even where it is too large for Int64.
        length = end > start ? UInt64(bitPattern: end &- start) : 0
        let (quotient, remainder) = length.quotientAndRemainder(dividingBy: UInt64(self.count))
        // A width below 2^64 - 1: of a single point, nothing is asked but its begin.
        width = max(remainder > 0 ? quotient &+ 1 : quotient, 1)
        self.figures = figures
        points = [WhatIfPoint(figures, at: start)]
        pointEnd = self.count == 1 ? UInt64.max : width
    }

    /// The figures are these from `time` on.
    mutating func note(_ figures: WhatIfFigures, at time: Int64) {
        if time >= start { goOn(to: min(UInt64(bitPattern: time &- start), length)) }
        guard figures != self.figures else { return }
        self.figures = figures
        points[points.count - 1].add(figures)
    }

    /// Begins the points up to the one of `offset`, each with what the figures were until then.
    private mutating func goOn(to offset: UInt64) {
        while offset >= pointEnd, points.count < count {
            points.append(WhatIfPoint(figures, at: Int64(bitPattern: UInt64(bitPattern: start) &+ pointEnd)))
            // Below the length of the range, and a width more.
            pointEnd = points.count == count ? UInt64.max : pointEnd &+ width
        }
    }
}
