// SPDX-License-Identifier: Apache-2.0
//
// What `GET /v1/compare` answers: how two builds differ in a heap.

public struct BuildComparison: Codable, Equatable, Sendable {
    public struct Side: Codable, Equatable, Sendable {
        public var build: String
        public var devices: Int
        /// Days that devices were known for; parts of days count.
        public var deviceDays: Double

        public init(build: String, devices: Int, deviceDays: Double) {
            (self.build, self.devices, self.deviceDays) = (build, devices, deviceDays)
        }
    }

    /// A figure with bounds; what is absent is unbounded.
    public struct Estimate: Codable, Equatable, Sendable {
        public var value: Double
        public var lower: Double?
        public var upper: Double?

        public init(value: Double, lower: Double?, upper: Double?) {
            (self.value, self.lower, self.upper) = (value, lower, upper)
        }
    }

    public enum Verdict: String, Codable, Sendable, CaseIterable {
        case higher, lower
        /// Whatever the difference is, it is smaller than anybody minds.
        case same
        case undecided
        case notEnough = "not_enough"
    }

    public enum Figure: String, Codable, Sendable, CaseIterable {
        /// Most bytes of a day, and bytes at its end: the median of a device's days.
        case peak, usage
        /// Failed allocations per device-day.
        case failures
        /// Allocations an hour, and bytes an hour that compaction moved.
        case churn, moved
        /// Bytes an hour by which use grows: the slope over a device's days.
        case leakRate = "leak_rate"
    }

    public struct Metric: Codable, Equatable, Sendable {
        public var figure: Figure
        /// Medians over devices; of `failures` rates over all device-days.
        public var a: Double
        public var b: Double
        /// By how much B is higher, and the same as a share of A; absent where A is 0.
        public var difference: Estimate
        public var relative: Estimate?
        /// The probability that a device with B has a higher figure than one with A; absent for `failures`.
        public var superiority: Estimate?
        public var verdict: Verdict
        /// Devices that are missing of each build, about, when there are not enough.
        public var more: Int?

        public init(
            figure: Figure, a: Double, b: Double, difference: Estimate, relative: Estimate?, superiority: Estimate?,
            verdict: Verdict, more: Int?
        ) {
            (self.figure, self.a, self.b, self.difference) = (figure, a, b, difference)
            (self.relative, self.superiority, self.verdict, self.more) = (relative, superiority, verdict, more)
        }
    }

    /// The heap that is compared: its name, or the lowest number of each device when none was named.
    public var heap: String?
    /// Whole days in UTC.
    public var since: Timestamp
    public var until: Timestamp
    public var a: Side
    public var b: Side
    /// That all intervals hold.
    public var confidence: Double
    /// Up to which share of A's median two builds are the same.
    public var margin: Double
    public var metrics: [Metric]
    /// One sentence.
    public var verdict: String

    public init(
        heap: String?, since: Timestamp, until: Timestamp, a: Side, b: Side, confidence: Double, margin: Double,
        metrics: [Metric], verdict: String
    ) {
        (self.heap, self.since, self.until, self.a, self.b) = (heap, since, until, a, b)
        (self.confidence, self.margin, self.metrics, self.verdict) = (confidence, margin, metrics, verdict)
    }
}

extension BuildComparison.Metric: JSONWritable {}
