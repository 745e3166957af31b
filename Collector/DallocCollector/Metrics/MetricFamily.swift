// SPDX-License-Identifier: Apache-2.0
//
// A figure as monitoring systems know it: a name, what it means, and its values.

struct MetricFamily: Sendable {
    struct Sample: Sendable {
        var labels: [(name: String, value: String)] = []
        var value: Double
    }

    enum Values: Sendable {
        case counter([Sample])
        case gauge([Sample])
        case histogram(Histogram.Reading)
    }

    var name: String
    var help: String
    var values: Values

    static func counter(_ name: String, _ help: String, _ value: Int) -> MetricFamily {
        MetricFamily(name: name, help: help, values: .counter([Sample(value: Double(value))]))
    }

    /// One counter for each value of a label.
    static func counter(
        _ name: String, _ help: String, by label: String, _ values: [(String, Int)]
    ) -> MetricFamily {
        let samples = values.map { Sample(labels: [(label, $0.0)], value: Double($0.1)) }
        return MetricFamily(name: name, help: help, values: .counter(samples))
    }

    static func gauge(_ name: String, _ help: String, _ value: Double) -> MetricFamily {
        MetricFamily(name: name, help: help, values: .gauge([Sample(value: value)]))
    }

    static func histogram(_ name: String, _ help: String, _ reading: Histogram.Reading) -> MetricFamily {
        MetricFamily(name: name, help: help, values: .histogram(reading))
    }
}
