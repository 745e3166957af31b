// SPDX-License-Identifier: Apache-2.0
//
// Every question that can be asked of a device, with the ranges and steps that lie at the ends of what the API takes.

import Foundation
import HeapHistory
import Testing

@testable import DallocCollector

struct EveryQuestion {
    let query: HistoryQuery
    /// Where the day that is looked at closely ends.
    var end = LivedStore.start.later(byMicroseconds: 24 * hour)

    /// The first and last moments that a request can name.
    private static let ends = (first: Timestamp("0000-01-01T00:00:00Z"), last: Timestamp("9999-12-31T23:59:59.999999Z"))
    private static let hour: Int64 = 3_600_000_000

    /// What is answered, as it is sent: JSON, or the code of a ``Problem``. Anything else is thrown.
    /// - Parameter isThorough: with every step and moment, not the usual ones only.
    func ask(_ device: String, isThorough: Bool = true) async throws -> [String: String] {
        guard let first = Self.ends.first, let last = Self.ends.last else { throw CancellationError() }
        let (since, until) = (end.later(byMicroseconds: -25 * Self.hour), end)
        let start = end.later(byMicroseconds: -24 * Self.hour)
        var answers: [String: String] = [:]
        func note<Answer: JSONList & Decodable>(_ name: String, _ question: () async throws -> Answer) async throws {
            try await self.note(name, &answers, question)
        }
        var stretches = [(since, until, [Self.hour, 60_000_000, 10_000_000])]
        if isThorough { stretches.append((first, last, [1 << 48, .max])) }
        for (since, until, steps) in stretches {
            for step in steps {
                try await note("history \(since) \(step)") {
                    try await query.history(
                        device: device, heap: nil, since: since, until: until, stepMicroseconds: step)
                }
            }
            try await note("gaps \(since)") {
                try await query.gaps(device: device, heap: nil, since: since, until: until)
            }
        }
        var moments: [Moment] = [.latest, .time(start), .sequence(2)]
        if isThorough {
            moments += [.time(first), .time(until), .time(last)]
            moments += [0, 1, 127, 128, 16383, 16385, .max - 1, .max].map { .sequence($0) }
        }
        for moment in moments {
            try await note("snapshot \(moment)") {
                try await query.snapshot(device: device, heap: nil, at: moment)
            }
        }
        var ranges: [(Moment, Moment)] = [(.time(since), .time(until))]
        if isThorough {
            ranges += [
                (.sequence(0), .latest), (.time(first), .time(last)), (.sequence(1), .sequence(.max)),
                (.latest, .time(last)), (.time(last), .time(first)),
            ]
        }
        for (since, until) in ranges {
            answers["moves \(since) \(until)"] = try await answer {
                Self.text(
                    try await query.moveAnswer(device: device, heap: nil, since: since, until: until, limit: 100))
            }
            try await note("operations \(since) \(until)") {
                try await query.operations(device: device, heap: nil, since: since, until: until, limit: 100)
            }
            try await noteSmall("whatif \(since) \(until)", &answers) {
                try await query.whatIf(
                    device: device, heap: nil, OtherHeap(allocator: .tlsf, size: 4000), since: since, until: until)
            }
            try await noteSmall("diff \(since) \(until)", &answers) {
                try await query.difference(device: device, heap: nil, from: since, to: until)
            }
        }
        try await askForSums(device, stretches.map { ($0.0, $0.1) }, &answers)
        return answers
    }

    private func askForSums(
        _ device: String, _ stretches: [(Timestamp, Timestamp)], _ answers: inout [String: String]
    ) async throws {
        for number in [1, 7, UInt64.max] {
            try await noteSmall("block \(number)", &answers) {
                try await query.block(device: device, heap: nil, number: number, limit: 100)
            }
        }
        try await noteSmall("boots", &answers) { try await query.boots(device: device, limit: 100) }
        // What these say depends on when frames were gathered.
        var others: [String: String] = [:]
        for (since, until) in stretches {
            try await note("summaries \(since)", &answers) {
                try await query.summaries(device: device, heap: nil, since: since, until: until, limit: 100)
            }
            try await noteSmall("failures \(since)", &answers) {
                try await query.failures(device: device, heap: nil, since: since, until: until, limit: 100)
            }
            try await noteSmall("leaks", &others) {
                try await query.leaks(device: device, since: since, until: until, limit: 100)
            }
            try await noteSmall("fleet", &others) { try await query.leaks(since: since, until: until, limit: 100) }
            for figure in TopList.Figure.allCases {
                try await noteSmall("top", &others) {
                    try await query.top(by: figure, since: since, until: until, limit: 100)
                }
            }
            try await noteSmall("size", &others) {
                try await query.rightSize(quantile: 0.9, since: since, until: until)
            }
            try await noteSmall("compare", &others) {
                try await query.compare(("1.0", "2.0"), since: since, until: until)
            }
        }
    }

    private func note<Answer: JSONList & Decodable>(
        _ name: String, _ answers: inout [String: String], _ question: () async throws -> Answer
    ) async throws {
        answers[name] = try await answer {
            let answer = try await question()
            let text = Self.text(answer)
            // What is sent is what a client reads.
            _ = try HistoryCoding.decoder().decode(Answer.self, from: Data(text.utf8))
            return text
        }
    }

    private func noteSmall<Answer: Codable>(
        _ name: String, _ answers: inout [String: String], _ question: () async throws -> Answer
    ) async throws {
        answers[name] = try await answer {
            let data = try HistoryCoding.encoder().encode(try await question())
            _ = try HistoryCoding.decoder().decode(Answer.self, from: data)
            return String(decoding: data, as: UTF8.self)
        }
    }

    private func answer(_ question: () async throws -> String) async throws -> String {
        do {
            return try await question()
        } catch let problem as Problem {
            #expect(problem.code != .internalError, "\(problem.message)")
            return problem.code.rawValue
        }
    }

    private static func text(_ answer: some JSONWritable) -> String {
        var json = JSONWriter()
        answer.write(to: &json)
        return json.withBytes { String(decoding: $0, as: UTF8.self) }
    }
}
