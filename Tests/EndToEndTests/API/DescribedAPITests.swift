// SPDX-License-Identifier: Apache-2.0
//
// The collector and schema/openapi.yaml say the same: each path is asked with what its parameters allow and forbid. `make api-test` does
// more of this, with Schemathesis.

import Foundation
import HeapHistory
import TestSupport
import Testing

@Suite(.serialized) struct DescribedAPITests {
    /// The collector knows some devices for days, with two builds.
    private func ask(_ questions: (RunningCollector, DescribedAPI, [String: [String]]) async throws -> Void)
        async throws
    {
        let scratch = try Scratch()
        let history = try await Program.run(
            "dalloc-simulator",
            ["history", "--database", scratch["history.sqlite"], "--devices", "6", "--days", "3", "--watched", "0"]
                + ["--streams", "2", "--builds", "1.0,1.1"], in: scratch)
        try #require(history.status == 0, "\(history.errors)")
        let collector = try await RunningCollector(scratch, options: ["--api-ingest"])
        let time = Timestamp.now.later(byMicroseconds: -3_600_000_000).description
        try await questions(
            collector, DescribedAPI(),
            [
                "device": ["fleet-1"], "heap": ["main", "0"], "a": ["1.0"], "b": ["1.1"], "boot": ["00000001", "1"],
                "shard": ["1%2F1", "3%2F4", "1000/1000"],
                "number": ["1", "2", "9223372036854775807"], "label": ["site%3Dberlin"], "after": [],
                // The least step of an hour is more points than an answer has.
                "step": ["1000000", "9223372036854775807"], "usage": ["%3E80%25", "%3C=16K", "1"],
                "a time": [time], "a bound": [time, "boot:1", "boot:00000001"], "a name": ["1.0"],
            ])
        #expect(try await collector.stop() == 0)
    }

    private func answer(
        _ operation: DescribedAPI.Operation, _ path: String, of collector: RunningCollector
    ) async throws -> RawAnswer? {
        guard operation.hasBody else { return try await collector.ask(path, method: operation.method) }
        guard operation.takesJSON else {
            return try await collector.post(WireBytes.hello(device: "posted"), path: path)
        }
        let wish = Array(#"{"detail":"summary"}"#.utf8)
        return try await collector.post(wish, type: "application/json", path: path, method: operation.method)
    }

    private func question(_ operation: DescribedAPI.Operation, _ values: [(DescribedParameter, String)]) -> String {
        var path = operation.path
        var query: [String] = []
        for (parameter, value) in values {
            if parameter.isInPath {
                path = path.replacing("{\(parameter.name)}", with: value)
            } else {
                query.append("\(parameter.name)=\(value)")
            }
        }
        // One of two that exclude each other is needed, which no schema can say.
        if path.hasSuffix("/diff"), !query.contains(where: { $0.hasPrefix("from") }) { query.append("from_sequence=1") }
        return path + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
    }

    /// Those that must be there, with values that are allowed.
    private func needed(
        _ operation: DescribedAPI.Operation, _ known: [String: [String]]
    ) throws -> [(DescribedParameter, String)] {
        try operation.parameters.filter(\.isRequired).map { ($0, try #require($0.allowed(known).first)) }
    }

    @Test func whatIsAllowedIsAnsweredAsDescribed() async throws {
        try await ask { collector, api, known in
            // What removes a device comes last.
            for operation in api.operations.sorted(by: { $0.method > $1.method }) {
                let needed = try needed(operation, known)
                var questions = [question(operation, needed)]
                for parameter in operation.parameters {
                    for value in parameter.allowed(known) {
                        questions.append(
                            question(operation, needed.filter { $0.0.name != parameter.name } + [(parameter, value)]))
                    }
                }
                var answered = 0
                for path in questions {
                    let answer = try #require(try await answer(operation, path, of: collector), "\(path)")
                    if answer.status < 300 { answered += 1 }
                    #expect(answer.status < 300 || [404, 409].contains(answer.status), "\(path): \(answer.body)")
                    let mismatch = api.mismatch(answer, of: operation)
                    #expect(mismatch == nil, "\(operation.method) \(path)")
                }
                #expect(answered > 0, "\(operation.method) \(operation.path) is never answered")
            }
        }
    }

    @Test func whatIsForbiddenIsRefused() async throws {
        try await ask { collector, api, known in
            for operation in api.operations {
                let needed = try needed(operation, known)
                for parameter in operation.parameters {
                    let others = needed.filter { $0.0.name != parameter.name }
                    for value in parameter.forbidden where !(parameter.isInPath && value.isEmpty) {
                        let path = question(operation, others + [(parameter, value)])
                        let answer = try #require(try await answer(operation, path, of: collector), "\(path)")
                        #expect(answer.status == 400, "\(operation.method) \(path): \(answer.body.prefix(300))")
                        let mismatch = api.mismatch(answer, of: operation)
                        #expect(mismatch == nil, "\(operation.method) \(path)")
                    }
                    if parameter.isRequired, !parameter.isInPath {
                        let answer = try await collector.ask(question(operation, others), method: operation.method)
                        #expect(answer?.status == 400, "\(operation.path) without \(parameter.name)")
                    }
                }
            }
        }
    }

    @Test func noMixtureMakesTheCollectorFail() async throws {
        try await ask { collector, api, known in
            var random = SeededRandom(seed: 16)
            for turn in 0..<400 {
                let operation = api.operations[random.below(api.operations.count)]
                var values: [(DescribedParameter, String)] = []
                for parameter in operation.parameters where parameter.isInPath || !random.once(in: 3) {
                    let others = parameter.forbidden + DescribedParameter.garbage
                    let choices = random.once(in: 12) ? others : parameter.allowed(known)
                    if let value = choices.randomElement(using: &random), !(parameter.isInPath && value.isEmpty) {
                        values.append((parameter, value))
                    }
                }
                // Devices must stay.
                if operation.method == "DELETE" { values = operation.parameters.map { ($0, "nobody") } }
                let path = question(operation, values)
                let answer = try #require(try await answer(operation, path, of: collector), "\(path)")
                let isBusy = answer.status == 503 && answer.headers["retry-after"] != nil
                #expect(answer.status < 500 || isBusy, "turn \(turn): \(operation.method) \(path): \(answer.body)")
                // A path without one of its parameters is another one.
                guard !path.contains("{") else { continue }
                let mismatch = api.mismatch(answer, of: operation)
                #expect(mismatch == nil, "turn \(turn): \(operation.method) \(path)")
            }
        }
    }
}
