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
        text += head(name, kind, family.help)
        switch family.values {
        case .counter(let samples), .gauge(let samples):
            for each in samples { text += sample(name, labels(each.labels), each.value) }
        case .histogram(let reading):
            var count = 0
            for (bound, more) in zip(reading.bounds + [.infinity], reading.counts) {
                count += more
                text += sample(name + "_bucket", labels([("le", number(bound))]), Double(count))
            }
            text += sample(name + "_sum", "", reading.sum)
            text += sample(name + "_count", "", Double(count))
        }
    }

    /// What stands before the samples of a family.
    static func head(_ name: String, _ kind: String, _ help: String) -> String {
        "# HELP \(name) \(escape(help, quotes: false))\n# TYPE \(name) \(kind)\n"
    }

    /// - Parameter labels: as ``labels(_:)`` writes them.
    static func sample(_ name: String, _ labels: String, _ value: Double) -> String {
        "\(name)\(labels) \(number(value))\n"
    }

    /// In braces; empty when there are none.
    static func labels(_ labels: [(name: String, value: String)]) -> String {
        guard !labels.isEmpty else { return "" }
        let pairs = labels.map { "\($0.name)=\"\(escape($0.value, quotes: true))\"" }
        return "{\(pairs.joined(separator: ","))}"
    }

    /// Whole numbers without a fraction, and the words that Prometheus has for what is no number.
    private static func number(_ value: Double) -> String {
        if value == .infinity { return "+Inf" }
        if value == -.infinity { return "-Inf" }
        if value.isNaN { return "NaN" }
        return Int(exactly: value).map { "\($0)" } ?? "\(value)"
    }

    private static func escape(_ words: String, quotes: Bool) -> String {
        let special: Set<UInt8> = [UInt8(ascii: "\\"), UInt8(ascii: "\n"), UInt8(ascii: "\"")]
        guard words.utf8.contains(where: special.contains) else { return words }
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
