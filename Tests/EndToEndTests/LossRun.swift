// Devices on bad lines and a collector that does not stay up: what happens to them, step by step, until all is well again.

import Foundation
import FoundationNetworking
import HeapHistory
import Testing

final class LossRun {
    struct Plan {
        /// Faults per byte.
        var rate: Double
        var devices = 3
        /// Operations of each device, at least.
        var operations: Int
        /// Operations a second of each device.
        var pace = 3000
        var seed: Int

        /// Frames that a device cuts meanwhile: one holds 45 operations or more at this pace.
        var frames: Int { operations / 45 }
    }

    let plan: Plan
    let collector: RunningCollector
    let devices: [LossyDevice]
    /// How long the devices took to be exact again when the lines were good again, in seconds.
    private(set) var recovery = 0.0

    init(_ plan: Plan, _ scratch: Scratch) async throws {
        self.plan = plan
        let collector = try await RunningCollector(scratch)
        self.collector = collector
        let workloads = ["churn", "steady", "burst"]
        devices = try (0..<plan.devices).map { number in
            let seed = plan.seed * 100 + number
            let line = try ImpairedLine(to: collector.port, seed: UInt64(seed), rate: plan.rate)
            let options = [
                "--workload", workloads[number % workloads.count], "--rate", String(plan.pace), "--heap-size", "16384",
                "--frame-interval", "15",
            ]
            return LossyDevice("loss-\(number)", line, seed: seed, options: options, scratch)
        }
    }

    /// Everything that can happen, at even distances; then good lines, and the end.
    func run() async throws {
        for (number, device) in devices.enumerated() { try device.start(boot: UInt32(100 + number)) }
        try await reach(1)
        for device in devices { device.line.cut() }
        try await reach(2)
        #expect(try await collector.stop() == 0)
        try await collector.restart()
        try await reach(3)
        try await collector.kill()
        try await collector.restart()
        try await reach(4)
        // One device goes on with its boot id, which tells the collector nothing; the next is reset as devices are.
        try await startAnew(devices[0], boot: 100)
        if devices.count > 1 { try await startAnew(devices[1], boot: 9001) }
        try await reach(6)
        for device in devices { device.line.rate = 0 }
        let start = Date.now
        for device in devices { try await exactAgain(device) }
        recovery = Date.now.timeIntervalSince(start)
        for device in devices { try await device.finish() }
    }

    /// Until every device has cut so many sixths of the frames; those that were started anew count from the fourth.
    private func reach(_ part: Int) async throws {
        for device in devices {
            let parts = device.runs.count > 1 ? part - 4 : part
            try await wait(for: "\(device.id) to cut frames", seconds: 600) {
                try device.framesCut >= plan.frames * parts / 6
            }
        }
    }

    private func startAnew(_ device: LossyDevice, boot: UInt32) async throws {
        try await device.reset()
        try await wait(for: "the collector to miss \(device.id)") {
            try await collector.summary(of: device.id)?.connected != true
        }
        let isSameBoot = device.runs.last?.boot == boot
        let stored = try await collector.summary(of: device.id)?.heaps.first?.sequence ?? 0
        try device.start(boot: boot, after: isSameBoot ? stored : 0)
    }

    /// Until the collector knows the table behind a frame that was cut from now on. A keyframe comes every 60 s; nothing may take longer.
    private func exactAgain(_ device: LossyDevice) async throws {
        let frame = try device.lastFrame + 1
        try await wait(for: "\(device.id) to be exact again", seconds: 60) {
            guard let summary = try await collector.summary(of: device.id), summary.boot == device.runs.last?.boot,
                let stored = summary.heaps.first?.sequence, stored >= frame
            else { return false }
            return try await collector.answer(device.id, sequence: stored).isKnown
        }
    }
}

extension RunningCollector {
    enum Answer {
        case table(Snapshot)
        case problem(Problem)

        var isKnown: Bool { if case .table = self { true } else { false } }
    }

    /// The HTTP API's own answer: many questions would take the command's processes long.
    func answer(_ device: String, sequence: Int) async throws -> Answer {
        try await answer(device, "sequence=\(sequence)")
    }

    func answer(_ device: String, time: Timestamp) async throws -> Answer {
        try await answer(device, "at=\(time)")
    }

    private func answer(_ device: String, _ question: String) async throws -> Answer {
        let (data, status) = try await get("devices/\(device)/snapshot?\(question)")
        let decoder = HistoryCoding.decoder()
        return status == 200
            ? .table(try decoder.decode(Snapshot.self, from: data))
            : .problem(try decoder.decode(Problem.self, from: data))
    }

    /// What is known of a device; nil when it has not greeted yet.
    func summary(of device: String) async throws -> DeviceSummary? {
        let (data, _) = try await get("devices")
        return try HistoryCoding.decoder().decode(DeviceList.self, from: data).devices.first { $0.id == device }
    }

    private func get(_ path: String) async throws -> (Data, Int) {
        guard let url = URL(string: "http://127.0.0.1:\(apiPort)/v1/\(path)") else { throw URLError(.badURL) }
        let (data, response) = try await URLSession.shared.data(from: url)
        return (data, (response as? HTTPURLResponse)?.statusCode ?? 0)
    }
}
