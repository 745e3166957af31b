// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeapHistory
import Testing

@Suite struct OpenAPITests {
    private let schemas = try? OpenAPISchemas().schemas

    private func keys(_ value: some Encodable) throws -> Set<String> {
        let data = try HistoryCoding.encoder().encode(value)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        return Set(object.keys)
    }

    /// A value with all optional fields has the keys of the schema; one with none has those that it requires.
    private func expect(_ name: String, full: some Encodable, bare: some Encodable) throws {
        let schema = try #require(schemas?[name], "schema/openapi.yaml has no schema \(name)")
        #expect(try keys(full) == schema.properties, "properties of \(name)")
        #expect(try keys(bare) == schema.required, "required keys of \(name)")
    }

    private func expect(_ name: String, _ value: some Encodable) throws {
        try expect(name, full: value, bare: value)
    }

    @Test func theTypesEncodeWhatTheSchemaSays() throws {
        try expect(
            "DeviceList", full: DeviceList(devices: [], next: "a", truncated: true), bare: DeviceList(devices: []))
        try expect("DeviceSummary", Samples.deviceSummary)
        try expect("DeviceWarning", DeviceWarning(.implausible, "Its figures contradict each other."))
        try expect("HeapSummary", full: Samples.heapSummary, bare: Samples.bareHeapSummary)
        try expect("UsageHistory", full: Samples.usageHistory, bare: Samples.bareUsageHistory)
        try expect("UsagePoint", Samples.usagePoint)
        try expect("Gap", full: Samples.fullGap, bare: Samples.bareGap)
        try expect("GapList", full: Samples.gapList, bare: Samples.bareGapList)
        try expect("Snapshot", Samples.snapshot)
        try expect("SnapshotEntry", full: Samples.fullEntry, bare: Samples.bareEntry)
        try expect("MoveList", full: Samples.moveList, bare: Samples.bareMoveList)
        try expect("Move", full: Samples.fullMove, bare: Samples.bareMove)
        try expect("MoveCause", full: Samples.fullCause, bare: Samples.bareCause)
        try expect("Problem", Samples.problem)
    }

    @Test func theSchemaHasNoTypeThatWeLack() throws {
        let known: Set = [
            "Address", "Bound", "Time", "Known", "DeviceList", "DeviceSummary", "DeviceWarning", "HeapSummary",
            "UsageHistory",
            "UsagePoint", "Gap",
            "GapList", "Snapshot", "SnapshotEntry", "MoveList", "Move", "MoveCause", "Problem",
        ]
        #expect(Set(try #require(schemas).keys) == known)
    }

    @Test func theSchemaKnowsEveryChoice() throws {
        let schemas = try #require(schemas)
        #expect(schemas["Gap"]?.choices["cause"] == Set(Gap.Cause.allCases.map(\.rawValue)))
        #expect(schemas["MoveCause"]?.choices["operation"] == ["free", "resize", "compact"])
        #expect(schemas["DeviceWarning"]?.choices["code"] == Set(DeviceWarning.Code.allCases.map(\.rawValue)))
        #expect(schemas["Problem"]?.choices["code"] == Set(Problem.Code.allCases.map(\.rawValue)))
    }
}
