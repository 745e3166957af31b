// SPDX-License-Identifier: Apache-2.0
//
// What dashboard and alerts ask for is what a real collector tells.

import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct MonitoringFilesTests {
    @Test func everyFigureThatTheyAskForExists() async throws {
        let fleet = try await MonitoredFleet()
        let answers = [try await fleet.metrics("/metrics"), try await fleet.metrics("/metrics/fleet")]
        try await fleet.stop()
        let names = answers.reduce(into: Set<String>()) { $0.formUnion($1.names) }
        let samples = answers.flatMap(\.samples)
        var asked: Set<String> = []
        for (place, question) in try MonitoringFiles().questions {
            #expect(!question.isEmpty, "\(place) asks nothing")
            for match in question.matches(of: /\b(dalloc_\w+)(?:\{([^}]*)\})?/) {
                let name = String(match.1)
                asked.insert(name)
                #expect(names.contains(name), "\(place) asks for \(name), which no answer has")
                // Of a name without samples, the labels are not known here.
                let own = samples.filter { $0.name == name }
                guard !own.isEmpty else { continue }
                let known = own.reduce(into: Set<String>()) { $0.formUnion($1.labels.keys) }
                for label in (match.2 ?? "").matches(of: /(\w+)\s*[=!]~?"/) where label.1 != "instance" {
                    #expect(known.contains(String(label.1)), "\(place) asks for the label \(label.1) of \(name)")
                }
            }
            for words in question.matches(of: /\bby \(([\w, ]+)\)/) {
                let labels = words.1.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
                for label in labels where !["job", "instance"].contains(label) {
                    #expect(samples.contains { $0.labels[label] != nil }, "\(place) groups by \(label)")
                }
            }
        }
        #expect(asked.count > 30)
    }

    @Test func everyAlertSaysWhatToDoAndHasATest() throws {
        let files = try MonitoringFiles()
        #expect(files.alerts.count >= 15)
        #expect(files.testedAlerts == Set(files.alerts.map(\.name)))
        for alert in files.alerts {
            #expect(["critical", "warning"].contains(alert.fields["labels"]?["severity"]?.text), "\(alert.name)")
            #expect(alert.fields["for"]?.text?.wholeMatch(of: /\d+m/) != nil, "\(alert.name)")
            for note in ["summary", "description"] {
                #expect(alert.fields["annotations"]?[note]?.text?.isEmpty == false, "\(alert.name) has no \(note)")
            }
        }
    }

    @Test func panelsHaveAPlaceOfTheirOwnAndTheChosenDataSource() throws {
        let files = try MonitoringFiles()
        var (taken, ids): (Set<[Int]>, Set<Int>) = ([], [])
        for panel in files.panels {
            let title = panel["title"] as? String ?? ""
            #expect(ids.insert(try #require(panel["id"] as? Int)).inserted, "\(title)")
            let place = try #require(panel["gridPos"] as? [String: Int])
            let (x, y, w, h) = (place["x"] ?? -1, place["y"] ?? -1, place["w"] ?? 0, place["h"] ?? 0)
            #expect(x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= 24, "\(title)")
            for column in x..<x + w {
                for line in y..<y + h {
                    #expect(taken.insert([column, line]).inserted, "\(title) covers another panel")
                }
            }
            guard panel["type"] as? String != "row" else { continue }
            let targets = try #require(panel["targets"] as? [[String: Any]])
            for part in [panel] + targets {
                #expect((part["datasource"] as? [String: String])?["uid"] == "${datasource}", "\(title)")
            }
        }
        let names = files.variables.compactMap { $0["name"] as? String }
        #expect(names == ["datasource", "collector", "build", "heap", "device"])
        for (place, question) in files.questions {
            for variable in question.matches(of: /\$(\w+)/) where variable.1 != "__rate_interval" {
                #expect(names.contains(String(variable.1)), "\(place) uses $\(variable.1)")
            }
        }
    }
}
