// SPDX-License-Identifier: Apache-2.0
//
// Prometheus's own judgement of what it is given. `make test` installs promtool; nothing of Prometheus runs.

import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct PromtoolTests {
    private func promtool(_ command: String, _ file: String, in scratch: Scratch) async throws -> String {
        let script = "exec /usr/bin/promtool \(command.hasSuffix("metrics") ? "\(command) <" : command) \"$1\""
        let done = try await Program.run("/bin/sh", ["-c", script, "promtool", file], in: scratch)
        // What is no failure, and could be better, is said with the exit code 3.
        #expect(done.status == 0, "promtool \(command) \(file): \(done.output)\(done.errors)")
        return done.output + done.errors
    }

    @Test func theAnswersAreAsPrometheusWantsThem() async throws {
        let fleet = try await MonitoredFleet()
        for path in ["/metrics", "/metrics/fleet"] {
            let file = try fleet.scratch.write(try await fleet.curl(path), to: "answer.txt")
            #expect(try await promtool("check metrics", file, in: fleet.scratch) == "", "\(path)")
        }
        try await fleet.stop()
    }

    /// As rules, which promtool reads. JSON is YAML, too.
    @Test func whatThePanelsAskCanBeAsked() async throws {
        let scratch = try Scratch()
        let questions = try MonitoringFiles().questions.map(\.question).filter { !$0.hasPrefix("label_values(") }
        let rules = questions.enumerated().map { number, question in
            ["record": "panel:\(number)", "expr": question.replacing("$__rate_interval", with: "5m")]
        }
        let groups = ["groups": [["name": "panels", "rules": rules]]]
        let file = try JSONSerialization.data(withJSONObject: groups, options: .withoutEscapingSlashes)
        let path = try scratch.write(Array(file), to: "panels.yaml")
        #expect(try await promtool("check rules", path, in: scratch).contains("\(rules.count) rules found"))
    }

    @Test func theRulesAreValidAndFireWhenTheyShould() async throws {
        let scratch = try Scratch()
        let alerts = try MonitoringFiles().alerts.count
        let found = try await promtool("check rules", MonitoringFiles.rulesPath, in: scratch)
        #expect(found.contains("\(alerts) rules found"), "\(found)")
        let folder = MonitoringFiles.folder.appendingPathComponent("prometheus")
        for (command, name) in [("test rules", "dalloc.rules.test.yaml"), ("check config", "prometheus.yaml")] {
            #expect(
                try await promtool(command, folder.appendingPathComponent(name).path, in: scratch).contains("SUCCESS"))
        }
    }
}
