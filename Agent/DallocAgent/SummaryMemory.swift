// SPDX-License-Identifier: Apache-2.0
//
// The memory of a heap's summary in ordinary Swift.

#if !hasFeature(Embedded)
    internal import CDalloc
    internal import CDallocAgent

    final class SummaryMemory {
        private let summary = SummaryPointer.allocate(capacity: 1)
        private let sums: UnsafeMutableBufferPointer<dalloc_sum_t>

        /// - Parameter sums: 0 to 16; nil for others.
        init?(sums count: Int) {
            guard count >= 0, count <= Int(DALLOC_SUMMARY_SUMS_MAX) else { return nil }
            sums = .allocate(capacity: count)
        }

        func start(_ agent: AgentPointer, _ recorder: RecorderPointer) throws(AgentError) {
            var config = dalloc_summary_config_t()
            (config.sums, config.sum_count) = (sums.baseAddress, UInt8(truncatingIfNeeded: sums.count))
            try SummaryLife.start(agent, recorder, summary, &config)
        }

        deinit {
            summary.deallocate()
            sums.deallocate()
        }
    }
#endif
