// SPDX-License-Identifier: Apache-2.0
//
// All devices, one thread: each device's own time follows real time, at most a few milliseconds late.

internal import CommandSupport
internal import ArgumentParser
internal import CDallocAgent
internal import CPOSIXLink
internal import DallocAgent
internal import Glibc

struct SimulatedFleet {
    private var devices: [Device] = []
    /// Microseconds; nil until a signal comes.
    private let duration: UInt64?
    private let truth: TruthFile?

    /// How long devices wait for the last acknowledgement, in microseconds.
    private static let drainLimit: UInt64 = 10_000_000
    private static let nap: UInt64 = 5000

    init(duration: UInt64?, truth: TruthFile?) {
        self.duration = duration
        self.truth = truth
    }

    mutating func add(_ device: Device) { devices.append(device) }

    /// Runs until the duration is over, or SIGINT or SIGTERM comes; then lets the devices finish.
    func run() throws {
        var signals = StopSignals()
        if devices.contains(where: { !$0.isAtItsAddress }) {
            complain("addresses differ from those of other runs: the memory at 0x20000000 is taken")
        }
        try checkLine()
        let start = microseconds()
        var time: UInt64 = 0
        var nextFlush: UInt64 = 0
        var hasComplained = false
        while true {
            time = min(microseconds() - start, duration ?? UInt64.max)
            for device in devices { device.run(until: time, truth) }
            if !hasComplained, time > 2_000_000, let device = devices.first, !devices.contains(where: \.wasReached) {
                complain(device.linkError.isEmpty ? "nobody has opened the line yet" : "\(device.linkError); trying on")
                hasComplained = true
            }
            if time >= nextFlush {
                truth?.flush()
                nextFlush = time + 1_000_000
            }
            if time == duration || signals.wait(upTo: Self.nap) { break }
        }
        for device in devices { device.finish(at: time, truth) }
        truth?.flush()
        drain(from: time, &signals)
        // A collector that forgot makes devices cut a frame more.
        truth?.flush()
        complain(summary)
        if let device = devices.first, !devices.contains(where: \.wasReached) {
            let cause = device.linkError.isEmpty ? "nobody opened the line" : device.linkError
            complain("the collector was never reached: \(cause); start it with dalloc-collector serve")
            throw ExitCode(ExitStatus.unavailable)
        }
    }

    /// A line that can't be opened at all is the caller's mistake; a collector that is not there yet may come.
    private func checkLine() throws {
        for device in devices where device.link.pointee.baud > 0 {
            let link = device.agent.pointee.config.link
            if link.is_up?(link.context) ?? true { continue }
            let isInUse = device.link.pointee.cause == EBUSY
            throw Failure(code: isInUse ? ExitStatus.unavailable : ExitStatus.noInput, device.linkError)
        }
    }

    /// Polls until everything is on the collector's disk. A second signal ends it at once.
    private func drain(from time: UInt64, _ signals: inout StopSignals) {
        let start = microseconds()
        while devices.contains(where: { $0.wasReached && !dalloc_agent_is_drained($0.agent) }) {
            let elapsed = microseconds() - start
            if elapsed >= Self.drainLimit || signals.wait(upTo: Self.nap) { return }
            for device in devices {
                device.setClock(time + elapsed)
                device.poll(truth)
            }
        }
    }

    private var summary: String {
        var operations: UInt64 = 0
        var frames: UInt64 = 0
        var bytes: UInt64 = 0
        var lost: UInt64 = 0
        var waiting: UInt64 = 0
        for device in devices {
            let counters = dalloc_agent_counters(device.agent)
            operations += device.operations
            frames += UInt64(counters.frames_sent)
            bytes += device.link.pointee.bytes_written
            lost += UInt64(counters.operations_lost)
            waiting += UInt64(device.agent.pointee.next_sequence &- device.agent.pointee.oldest_sequence)
        }
        let hundredths = operations == 0 ? 0 : bytes * 100 / operations
        let fraction = String(hundredths % 100 + 100).dropFirst()
        return "\(devices.count) device\(devices.count == 1 ? "" : "s"), \(operations) operations, \(frames) frames, "
            + "\(hundredths / 100).\(fraction) bytes/op, \(lost) lost, \(waiting) frames not acknowledged"
    }
}

/// Monotonic.
func microseconds() -> UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) * 1_000_000 + UInt64(now.tv_nsec) / 1000
}
