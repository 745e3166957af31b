// SPDX-License-Identifier: Apache-2.0
//
// The HTTP API's own answers: many questions would take the command's processes long.

import Foundation
import FoundationNetworking
import HeapHistory

extension RunningCollector {
    enum Answer {
        case table(Snapshot)
        case problem(Problem)

        var isKnown: Bool { if case .table = self { true } else { false } }
    }

    func answer(_ device: String, sequence: Int) async throws -> Answer {
        try await answer(device, "sequence=\(sequence)")
    }

    func answer(_ device: String, time: Timestamp) async throws -> Answer {
        try await answer(device, "at=\(time)")
    }

    private func answer(_ device: String, _ question: String) async throws -> Answer {
        let (data, status) = try await get("v1/devices/\(device)/snapshot?\(question)")
        let decoder = HistoryCoding.decoder()
        return status == 200
            ? .table(try decoder.decode(Snapshot.self, from: data))
            : .problem(try decoder.decode(Problem.self, from: data))
    }

    /// What is known of a device; nil when it has not greeted yet.
    func summary(of device: String) async throws -> DeviceSummary? {
        let (data, _) = try await get("v1/devices")
        return try HistoryCoding.decoder().decode(DeviceList.self, from: data).devices.first { $0.id == device }
    }

    /// What its metrics say; nil when it has none of this name, with these labels.
    func metric(_ name: String) async throws -> Double? {
        let (data, _) = try await get("metrics")
        let line = String(decoding: data, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line.flatMap { Double($0.dropFirst(name.count + 1)) }
    }

    /// The status and body of an answer.
    func get(_ path: String) async throws -> (Data, Int) {
        guard let url = URL(string: "http://127.0.0.1:\(apiPort)/\(path)") else { throw URLError(.badURL) }
        let (data, response) = try await URLSession.shared.data(from: url)
        return (data, (response as? HTTPURLResponse)?.statusCode ?? 0)
    }
}
