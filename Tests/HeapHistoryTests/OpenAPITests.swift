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
        try expect("DeviceDetail", full: Samples.detail, bare: Samples.bareDetail)
        try expect("DetailWish", DetailWish(nil))
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
        try expect("IngestReport", IngestReport())
        try expect("Problem", Samples.problem)
    }

    @Test func theTypesOfOperationsEncodeWhatTheSchemaSays() throws {
        try expect("OperationList", full: Samples.operationList, bare: Samples.bareOperationList)
        try expect("HeapOperation", full: Samples.fullOperation, bare: Samples.bareOperation)
        try expect("BlockLife", full: Samples.blockLife, bare: Samples.bareBlockLife)
        try expect("BlockEvent", full: Samples.fullEvent, bare: Samples.bareEvent)
        try expect("HeapDifference", Samples.difference)
        try expect("DifferenceSide", Samples.side)
        try expect("BlockChange", full: Samples.fullChange, bare: Samples.bareChange)
        try expect("BootList", full: Samples.bootList, bare: Samples.bareBootList)
        try expect("Boot", full: Samples.boot, bare: Samples.bareBoot)
        try expect("BootHeap", full: Samples.bootHeap, bare: Samples.bareBootHeap)
        try expect("FailureList", full: Samples.failureList, bare: Samples.bareFailureList)
        try expect("Failure", full: Samples.fullFailure, bare: Samples.bareFailure)
        try expect("WhatIfAnswer", full: Samples.whatIf, bare: Samples.bareWhatIf)
        try expect("WhatIfFailure", full: Samples.fullWhatIfFailure, bare: Samples.bareWhatIfFailure)
        try expect("WhatIfPoint", Samples.whatIfPoint)
    }

    @Test func theTypesOfSumsEncodeWhatTheSchemaSays() throws {
        try expect("LeakList", full: Samples.leakList, bare: Samples.bareLeakList)
        try expect("Leak", Samples.leak)
        try expect("Orphans", Samples.orphans)
        try expect("LeakSample", Samples.leakSample)
        try expect("HeapFull", full: Samples.heapFull, bare: Samples.bareHeapFull)
        try expect("GroupName", full: Samples.fullGroup, bare: GroupName(.others))
        try expect("TopList", full: Samples.topList, bare: Samples.bareTopList)
        try expect("TopEntry", Samples.topEntry)
        try expect("BuildComparison", full: Samples.comparison, bare: Samples.bareComparison)
        try expect("ComparedBuild", Samples.comparedBuild)
        try expect("BuildMetric", full: Samples.metric, bare: Samples.bareMetric)
        try expect("Estimate", full: Samples.estimate, bare: Samples.bareEstimate)
        try expect("RightSize", full: Samples.rightSize, bare: Samples.bareRightSize)
        try expect("SizedHeap", Samples.sizedHeap)
        try expect("SizeNeed", full: Samples.need, bare: Samples.bareNeed)
    }

    @Test func theTypesOfSummariesEncodeWhatTheSchemaSays() throws {
        try expect("SummaryList", full: Samples.summaryList, bare: Samples.bareSummaryList)
        try expect("Summary", full: Samples.summary, bare: Samples.bareSummary)
        try expect("AllocationSum", full: Samples.sum, bare: Samples.sumOfOthers)
        try expect("AllocationShare", full: Samples.share, bare: Samples.shareOfOthers)
        try expect("LastOperation", full: Samples.lastOperation, bare: Samples.bareLastOperation)
    }

    @Test func theSchemaHasNoTypeThatWeLack() throws {
        let known: Set = [
            "Address", "Bound", "Time", "Known", "DeviceList", "DeviceSummary", "DeviceWarning", "HeapSummary",
            "UsageHistory", "UsagePoint", "Gap", "GapList", "Snapshot", "SnapshotEntry", "MoveList", "Move",
            "MoveCause",
            "OperationList", "HeapOperation", "BlockLife", "BlockEvent", "HeapDifference", "DifferenceSide",
            "BlockChange",
            "BootList", "Boot", "BootHeap", "FailureList", "Failure", "WhatIfAnswer", "WhatIfFailure", "WhatIfPoint",
            "LeakList", "Leak", "Orphans", "LeakSample", "HeapFull", "GroupName", "TopList", "TopEntry",
            "BuildComparison", "ComparedBuild", "BuildMetric", "Estimate", "RightSize", "SizedHeap", "SizeNeed", "Name",
            "IngestReport", "Problem", "SummaryList", "Summary", "AllocationSum", "AllocationShare", "LastOperation",
            "DeviceDetail", "DetailWish",
        ]
        #expect(Set(try #require(schemas).keys) == known)
    }

    @Test func theSchemaKnowsEveryChoice() throws {
        func expect<Choice: RawRepresentable<String> & CaseIterable>(_ name: String, _ key: String, _: Choice.Type) {
            #expect(schemas?[name]?.choices[key] == Set(Choice.allCases.map(\.rawValue)), "\(key) of \(name)")
        }
        expect("Gap", "cause", Gap.Cause.self)
        expect("DeviceDetail", "detail", DeviceDetail.Level.self)
        expect("MoveCause", "operation", MoveCause.Operation.self)
        expect("DeviceWarning", "code", DeviceWarning.Code.self)
        expect("HeapOperation", "operation", HeapOperation.Kind.self)
        expect("HeapOperation", "reason", HeapOperation.FailureReason.self)
        expect("BlockEvent", "event", BlockLife.Event.Kind.self)
        expect("BlockChange", "change", HeapDifference.Change.Kind.self)
        expect("Failure", "reason", HeapOperation.FailureReason.self)
        expect("WhatIfAnswer", "allocator", WhatIfAnswer.Allocator.self)
        expect("WhatIfFailure", "reason", WhatIfAnswer.Failure.Reason.self)
        expect("GroupName", "grouped_by", GroupName.Kind.self)
        expect("TopList", "by", TopList.Figure.self)
        expect("BuildMetric", "figure", BuildComparison.Figure.self)
        expect("BuildMetric", "verdict", BuildComparison.Verdict.self)
        expect("AllocationSum", "tag", AllocationTag.self)
        expect("AllocationShare", "tag", AllocationTag.self)
        expect("LastOperation", "operation", HeapOperation.Kind.self)
        expect("LastOperation", "reason", HeapOperation.FailureReason.self)
        expect("Problem", "code", Problem.Code.self)
    }
}
