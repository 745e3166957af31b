// SPDX-License-Identifier: Apache-2.0
//
// Reads the text format of Prometheus, and takes nothing that the format doesn't allow: each name has its help and kind first, all of its
// samples in one place, and no two of them with the same labels.

public struct PrometheusAnswer {
    public struct Sample: Hashable, Sendable {
        public var name: String
        public var labels: [String: String]
        public var value: Double
    }

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    public private(set) var samples: [Sample] = []
    /// By names of families: counter, gauge or histogram.
    public private(set) var kinds: [String: String] = [:]
    private var helps: Set<String> = []

    public init(_ text: String) throws {
        guard text.isEmpty || text.unicodeScalars.last == "\n" else {
            throw Failure(description: "the last line has no end")
        }
        var (family, series) = ("", Set<Sample>())
        for line in text.unicodeScalars.split(separator: "\n") {
            let words = String(line).split(separator: " ", maxSplits: 3).map { String($0) }
            if words[0] == "#" {
                guard words.count == 4 else { throw Failure(description: "a comment: \(line)") }
                if words[1] == "HELP" {
                    guard helps.insert(words[2]).inserted else { throw Failure(description: "\(words[2]) comes twice") }
                } else {
                    guard words[1] == "TYPE", helps.contains(words[2]) else { throw Failure(description: "\(line)") }
                    (family, kinds[words[2]]) = (words[2], words[3])
                }
                continue
            }
            var reader = SampleReader(line)
            var sample = try reader.sample()
            guard names(of: family).contains(sample.name) else {
                throw Failure(description: "\(sample.name) stands among \(family)")
            }
            samples.append(sample)
            sample.value = 0
            guard series.insert(sample).inserted else { throw Failure(description: "twice: \(line)") }
        }
    }

    /// What samples of a family are called.
    private func names(of family: String) -> [String] {
        kinds[family] == "histogram" ? ["_bucket", "_sum", "_count"].map { family + $0 } : [family]
    }

    /// What can be asked for.
    public var names: Set<String> { Set(kinds.keys.flatMap { names(of: $0) }) }

    /// Samples of a name whose labels are these, and maybe others.
    public func all(_ name: String, _ labels: [String: String] = [:]) -> [Sample] {
        samples.filter { sample in sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value } }
    }

    /// The value of the only one; nil when there is none, or several.
    public func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        let found = all(name, labels)
        return found.count == 1 ? found[0].value : nil
    }
}

private struct SampleReader {
    private var rest: Substring.UnicodeScalarView
    private let line: String

    init(_ line: Substring.UnicodeScalarView) { (rest, self.line) = (line, String(line)) }

    private func failure(_ what: String) -> PrometheusAnswer.Failure {
        PrometheusAnswer.Failure(description: "\(what): \(line)")
    }

    private mutating func take(_ scalar: Unicode.Scalar) throws {
        guard rest.popFirst() == scalar else { throw failure("no \(scalar)") }
    }

    private mutating func name() throws -> String {
        let name = rest.prefix { $0 == "_" || $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0)) }
        guard let first = name.first, !("0"..."9").contains(first) else { throw failure("no name") }
        rest = rest[name.endIndex...]
        return String(name)
    }

    private mutating func quoted() throws -> String {
        try take("\"")
        var text = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\"": return String(text)
            case "\\":
                switch rest.popFirst() {
                case "n": text.append("\n")
                case "\\": text.append("\\")
                case "\"": text.append("\"")
                default: throw failure("an escape")
                }
            default: text.append(scalar)
            }
        }
        throw failure("no quote")
    }

    mutating func sample() throws -> PrometheusAnswer.Sample {
        let name = try name()
        var labels: [String: String] = [:]
        if rest.first == "{" {
            repeat {
                rest.removeFirst()
                let label = try self.name()
                try take("=")
                guard labels.updateValue(try quoted(), forKey: label) == nil else { throw failure("\(label) twice") }
            } while rest.first == ","
            try take("}")
        }
        try take(" ")
        let words = String(rest)
        guard let value = words == "+Inf" ? Double.infinity : Double(words) else { throw failure("no number") }
        return PrometheusAnswer.Sample(name: name, labels: labels, value: value)
    }
}
