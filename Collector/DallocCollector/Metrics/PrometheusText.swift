// SPDX-License-Identifier: Apache-2.0
//
// The text format of Prometheus, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/

enum PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    static func render(_ families: [MetricFamily]) -> String {
        var text = ""
        for family in families { write(family, to: &text) }
        return text
    }

    private static func write(_ family: MetricFamily, to text: inout String) {
        let name = family.name
        let kind =
            switch family.values {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        text += "# HELP \(name) \(escape(family.help, quotes: false))\n# TYPE \(name) \(kind)\n"
        switch family.values {
        case .counter(let samples), .gauge(let samples):
            for sample in samples { write(name, sample.labels, sample.value, to: &text) }
        case .histogram(let reading):
            var count = 0
            for (bound, more) in zip(reading.bounds + [.infinity], reading.counts) {
                count += more
                write(name + "_bucket", [("le", number(bound))], Double(count), to: &text)
            }
            write(name + "_sum", [], reading.sum, to: &text)
            write(name + "_count", [], Double(count), to: &text)
        }
    }

    private static func write(
        _ name: String, _ labels: [(name: String, value: String)], _ value: Double, to text: inout String
    ) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.name)=\"\(escape($0.value, quotes: true))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(number(value))\n"
    }

    /// Whole numbers without a fraction, and the words that Prometheus has for what is no number.
    private static func number(_ value: Double) -> String {
        if value == .infinity { return "+Inf" }
        if value == -.infinity { return "-Inf" }
        if value.isNaN { return "NaN" }
        return Int(exactly: value).map { "\($0)" } ?? "\(value)"
    }

    private static func escape(_ words: String, quotes: Bool) -> String {
        var escaped = ""
        for character in words.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
