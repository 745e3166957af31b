// SPDX-License-Identifier: Apache-2.0

import HeapHistory

extension BuildComparison.Metric: ListElement {
    static var columns: [ListColumn<BuildComparison.Metric>] {
        [
            .init("figure", \.figure.rawValue), .init("a", \.a), .init("b", \.b),
            .init("difference_value", \.difference.value),
            .init("difference_lower", \.difference.lower), .init("difference_upper", \.difference.upper),
            .init("relative_value", \.relative?.value), .init("relative_lower", \.relative?.lower),
            .init("relative_upper", \.relative?.upper), .init("superiority_value", \.superiority?.value),
            .init("superiority_lower", \.superiority?.lower), .init("superiority_upper", \.superiority?.upper),
            .init("verdict", \.verdict.rawValue), .init("more", \.more),
        ]
    }
}

extension BuildComparison: ListAnswer {
    var elements: [Metric] { metrics }

    func remarks(on screen: Screen) -> [String] { [verdict] + CompareView.remarks(self, screen.zone) }
}
