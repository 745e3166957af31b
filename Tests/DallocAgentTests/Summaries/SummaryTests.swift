// SPDX-License-Identifier: Apache-2.0
//
// Heaps that are told of in summaries: what arrives is what happened.

import CDalloc
import CDallocAgent
import HeapReplica
import HeapWire
import Testing

struct SummaryTests {
    private var random = SystemRandomNumberGenerator()

    @Test(arguments: [0, 3, 8, 16]) mutating func everySummaryIsTrue(sums: Int) {
        let collector = TestCollector()
        let device = SummarizedDevice(collector, sums: sums)
        device.request(.summary)
        device.pass(seconds: 1)
        #expect(device.expectSummaries().allSatisfy { $0 == .operations(0) })
        for minute in 0..<20 {
            let count = minute % 5 == 0 ? 0 : Int.random(in: 1...400)
            for _ in 0..<count {
                device.act(&random)
                if Int.random(in: 0..<20) == 0 { device.device.poll() }
            }
            device.device.now &+= 60_000
            device.device.poll(3)
            let told = device.expectSummaries()
            #expect(told == [count == 0 ? .operations(0) : .summary(lost: count, recent: 0)])
        }
        device.expectAllTold()
        #expect(collector.rejected.isEmpty)
        #expect(collector.tables[0]?.replica.standing == .unknown)
    }

    @Test mutating func aSummaryComesOnceInItsInterval() {
        let collector = TestCollector()
        let device = SummarizedDevice(collector, interval: 20_000)
        device.beginSummaries()
        for _ in 0..<10 {
            for _ in 0..<20 {
                device.allocate(1, 40)
                device.free(1)
                device.pass(seconds: 1)
            }
        }
        let told = device.expectSummaries()
        #expect((9...10).contains(told.count))
        #expect(told.dropFirst().allSatisfy { $0 == .summary(lost: 40, recent: 0) })
    }

    @Test mutating func anIdleHeapStaysExact() {
        let collector = TestCollector()
        let device = SummarizedDevice(collector)
        for _ in 0..<50 {
            device.act(&random)
            device.device.poll()
        }
        device.request(.summary)
        device.pass(seconds: 400)
        device.device.expectExact(collector)
        #expect(collector.states.allSatisfy { $0.lost == 0 })
    }

    @Test mutating func theFirstFailureBringsWhatWasBeforeItAndTheTable() {
        let collector = TestCollector()
        let device = SummarizedDevice(collector)
        device.beginSummaries()
        for _ in 0..<300 { device.act(&random) }
        device.fail()
        device.device.poll()
        let told = device.expectSummaries()
        guard told.count == 2, case .summary(let lost, let recent) = told[0], told[1] == .table else {
            Issue.record("\(told)")
            return
        }
        #expect(recent > 5 && lost + recent == 301)
        device.device.expectExact(collector)
        // The next one is counted; what is known of the table goes on with it.
        device.fail()
        for _ in 0..<9 { device.act(&random) }
        device.pass(seconds: 59)
        #expect(device.expectSummaries() == [])
        device.pass(seconds: 2)
        #expect(device.expectSummaries() == [.summary(lost: 10, recent: 0)])
        #expect(collector.states.last?.totals.failures == 2)
        // And one after a whole interval is told again.
        device.act(&random)
        device.fail()
        device.device.poll()
        #expect(device.expectSummaries() == [.operations(2), .table])
        device.device.expectExact(collector)
        device.expectAllTold()
    }

    @Test mutating func aRequestBringsTheLastOperationsAndTheTable() {
        let collector = TestCollector()
        let device = SummarizedDevice(collector)
        device.beginSummaries()
        for round in 0..<20 {
            for _ in 0..<Int.random(in: 1...200) { device.act(&random) }
            device.request(nil, keyframe: true)
            device.device.poll(3)
            #expect(device.expectSummaries().last == .table)
            device.device.expectExact(collector, "round \(round)")
        }
        device.expectAllTold()
    }

    @Test mutating func backInFullEverythingIsTold() {
        let collector = TestCollector()
        let device = SummarizedDevice(collector)
        for _ in 0..<5 {
            device.request(.summary)
            device.pass(seconds: 1)
            for _ in 0..<100 { device.act(&random) }
            device.pass(seconds: 70)
            for _ in 0..<100 { device.act(&random) }
            device.request(.full)
            device.pass(seconds: 3)
            device.device.expectExact(collector)
            for round in 0..<20 {
                for _ in 0..<9 {
                    device.device.act(&random)
                    device.device.poll()
                }
                device.device.report()
                device.device.expectExact(collector, "round \(round)")
            }
        }
        #expect(dalloc_agent_counters(device.device.agent).operations_lost == 0)
    }

    /// A summary that finds no room waits, and then covers all the time that it has waited.
    @Test mutating func aSummaryWaitsForRoom() {
        let collector = TestCollector()
        let device = SummarizedDevice(collector, transmit: 600)
        device.beginSummaries()
        collector.isUp = false
        for _ in 0..<40 {
            for _ in 0..<20 { device.act(&random) }
            device.device.now &+= 60_000
            device.device.poll(2)
        }
        collector.isUp = true
        device.pass(seconds: 10)
        let told = device.expectSummaries()
        #expect(told.count > 3)
        #expect(told.allSatisfy { if case .summary = $0 { true } else { false } })
        device.expectAllTold()
        #expect(dalloc_agent_counters(device.device.agent).operations_lost == 0)
    }

    @Test mutating func theLeastBufferHasRoomForIt() {
        let collector = TestCollector()
        let least = Int(DALLOC_RECORDER_BYTES * 3 / 2 + 224)
        let device = SummarizedDevice(collector, sums: 16, transmit: least)
        device.beginSummaries()
        for _ in 0..<5 {
            for _ in 0..<400 { device.act(&random) }
            device.fail()
            device.pass(seconds: 61)
            device.act(&random)
            device.pass(seconds: 61)
        }
        let told = device.expectSummaries()
        #expect(told.filter { $0 == .table }.count >= 5)
        device.expectAllTold()
    }

    @Test mutating func aFlushSendsASummary() {
        let collector = TestCollector()
        let device = SummarizedDevice(collector)
        device.beginSummaries()
        for _ in 0..<7 { device.act(&random) }
        device.device.poll()
        #expect(!dalloc_agent_is_drained(device.device.agent))
        dalloc_agent_flush(device.device.agent)
        device.device.poll(3)
        #expect(device.expectSummaries() == [.summary(lost: 7, recent: 0)])
        #expect(dalloc_agent_is_drained(device.device.agent))
    }

    /// The program's own level holds until the collector has another one, and for one-way lines.
    @Test mutating func theProgramCanChoose() {
        let collector = TestCollector()
        collector.isOneWay = true
        let device = SummarizedDevice(collector)
        dalloc_agent_set_level(device.device.agent, DALLOC_AGENT_SUMMARIES)
        device.pass(seconds: 1)
        _ = device.expectSummaries()
        for _ in 0..<7 { device.act(&random) }
        device.pass(seconds: 61)
        #expect(device.expectSummaries() == [.summary(lost: 7, recent: 0)])
        dalloc_agent_set_level(device.device.agent, dalloc_agent_level_t(rawValue: 9))
        dalloc_agent_set_level(nil, DALLOC_AGENT_FULL)
        device.pass(seconds: 1)
        dalloc_agent_set_level(device.device.agent, DALLOC_AGENT_FULL)
        device.pass(seconds: 2)
        device.device.expectExact(collector)
    }

    @Test func aHeapThatIsMadeAnewBeginsAnew() {
        let collector = TestCollector()
        let device = SummarizedDevice(collector)
        device.request(.summary)
        device.pass(seconds: 2)
        for slot in 0..<20 { device.device.allocate(slot, 30) }
        heap_init(device.device.heap, device.device.memory, 4096)
        for slot in 0..<100 { device.device.variables[slot] = nil }
        device.device.allocate(3, 30)
        device.pass(seconds: 2)
        device.device.expectExact(collector)
        device.device.allocate(4, 30)
        device.pass(seconds: 61)
        #expect(collector.states.last?.lost == 1)
        #expect(collector.told.last?.sums?.tags.map(\.sum) == [AllocationSums.Sum(allocations: 1, bytes: 30)])
        #expect(collector.rejected.isEmpty)
    }

    @Test func onlyADeviceThatCanSaysSo() {
        let collector = TestCollector()
        let device = WatchedDevice(collector)
        device.report()
        #expect(!collector.capabilities.has(.summaries))
        collector.send { Request(boot: 77, keyframe: false, level: .summary).write(to: &$0) }
        device.report()
        device.allocate(1, 30)
        device.report()
        device.expectExact(collector)
        let other = TestCollector()
        _ = SummarizedDevice(other)
        #expect(other.capabilities.has(.summaries))
    }

    @Test func whatCannotBeSummarizedIsRefused() {
        let device = WatchedDevice(TestCollector())
        var (summary, config, sum) = (dalloc_summary_t(), dalloc_summary_config_t(), dalloc_sum_t())
        var stray = dalloc_recorder_t()
        let (agent, recorder) = (device.agent, device.recorder)
        #expect(dalloc_agent_summarize(nil, recorder, &summary, &config) == DALLOC_AGENT_ERROR_NULL)
        #expect(dalloc_agent_summarize(agent, recorder, &summary, nil) == DALLOC_AGENT_ERROR_NULL)
        #expect(dalloc_agent_summarize(agent, &stray, &summary, &config) == DALLOC_AGENT_ERROR_SUMMARY)
        config.sum_count = 1
        #expect(dalloc_agent_summarize(agent, recorder, &summary, &config) == DALLOC_AGENT_ERROR_SUMMARY)
        withUnsafeMutablePointer(to: &sum) {
            (config.sums, config.sum_count) = ($0, 17)
            #expect(dalloc_agent_summarize(agent, recorder, &summary, &config) == DALLOC_AGENT_ERROR_SUMMARY)
        }
        #expect(device.recorder.pointee.summary == nil)
        #expect(String(cString: dalloc_agent_error_text(DALLOC_AGENT_ERROR_SUMMARY)).contains("summarized"))
        dalloc_agent_deinit(agent)
    }

    /// Whatever happens, no table is wrong, and in the end it is exact.
    @Test(arguments: 0..<60) mutating func aTableThatIsKnownIsRight(_ run: Int) {
        let collector = TestCollector()
        let device = SummarizedDevice(
            collector, sums: run % 17, transmit: run % 2 == 0 ? 700 : 16_384, isLazy: run % 3 == 0, interval: 5000)
        for _ in 0..<300 {
            switch Int.random(in: 0..<30) {
            case 0: device.request(.summary)
            case 1: device.request(.full)
            case 2: device.request(nil, keyframe: true)
            case 3: collector.isUp.toggle()
            case 4: collector.acknowledges.toggle()
            case 5: device.device.allocate(95, 60_000)
            case 6: device.pass(seconds: 2)
            default: for _ in 0..<Int.random(in: 0...40) { device.device.act(&random) }
            }
            device.device.poll()
            if collector.tables[0]?.replica.standing == .exact, dalloc_agent_is_drained(device.device.agent) {
                device.device.expectExact(collector)
            }
        }
        (collector.isUp, collector.acknowledges) = (true, true)
        device.request(.full)
        device.pass(seconds: 20)
        device.device.expectExact(collector)
        #expect(!collector.verdicts.contains(.diverged))
        #expect(collector.rejected.isEmpty)
    }
}
