// SPDX-License-Identifier: Apache-2.0
//
// The files in the folder `monitoring`: what Prometheus and Grafana are given, and the questions that are in it.

import Foundation
import TestSupport
import Testing

struct MonitoringFiles {
    struct Alert {
        var name: String
        var question: String
        var fields: YAML
    }

    static let folder = Program.repository.appendingPathComponent("monitoring")
    static let rulesPath = folder.appendingPathComponent("prometheus/dalloc.rules.yaml").path

    let alerts: [Alert]
    /// Every panel of the dashboard.
    let panels: [[String: Any]]
    /// The dashboard's variables.
    let variables: [[String: Any]]
    /// The alerts that a test has fire.
    let testedAlerts: Set<String>

    init() throws {
        let rules = try YAML(String(contentsOfFile: Self.rulesPath, encoding: .utf8))
        alerts = (rules["groups"]?.list ?? []).flatMap { $0["rules"]?.list ?? [] }.map { rule in
            Alert(name: rule["alert"]?.text ?? "", question: rule["expr"]?.text ?? "", fields: rule)
        }
        let tests = try String(
            contentsOf: Self.folder.appendingPathComponent("prometheus/dalloc.rules.test.yaml"), encoding: .utf8)
        testedAlerts = Set(tests.matches(of: /labels: 'ALERTS\{alertname="(\w+)"/).map { String($0.1) })
        let file = try Data(contentsOf: Self.folder.appendingPathComponent("grafana/dalloc.json"))
        let dashboard = try #require(try JSONSerialization.jsonObject(with: file) as? [String: Any])
        panels = try #require(dashboard["panels"] as? [[String: Any]])
        let templating = try #require(dashboard["templating"] as? [String: Any])
        variables = try #require(templating["list"] as? [[String: Any]])
    }

    /// All that is asked, with the place where it is.
    var questions: [(place: String, question: String)] {
        var questions = alerts.map { (place: $0.name, question: $0.question) }
        for panel in panels {
            for target in panel["targets"] as? [[String: Any]] ?? [] {
                questions.append((panel["title"] as? String ?? "", target["expr"] as? String ?? ""))
            }
        }
        for variable in variables where variable["type"] as? String == "query" {
            questions.append((variable["name"] as? String ?? "", variable["definition"] as? String ?? ""))
        }
        return questions
    }
}
