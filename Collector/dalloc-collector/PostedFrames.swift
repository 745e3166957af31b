// SPDX-License-Identifier: Apache-2.0
//
// Hands a body of frames to a collector that runs.

internal import ArgumentParser
internal import CommandSupport
internal import DallocCollector
internal import Foundation
internal import FoundationNetworking
internal import HeapHistory

enum PostedFrames {
    /// A busy collector, and one that the device is connected to, is asked so often, as many seconds apart as it says.
    private static let tries = 10
    private static let pauses = 2...10

    /// Nil when the text is no address.
    static func url(_ text: String) -> URL? {
        guard let url = URL(string: text), ["http", "https"].contains(url.scheme), url.host?.isEmpty == false else {
            return nil
        }
        return url.appendingPathComponent("v1/ingest")
    }

    /// - Parameter tell: says to the user why it fails.
    /// - Returns: what became of it; nil when the collector can't take what is in it, and never will.
    /// - Throws: the exit code.
    static func post(_ body: [UInt8], to url: URL, _ tell: (String) -> Void) async throws -> IngestReport? {
        var request = URLRequest(url: url)
        request.httpMethod = "POST"
        request.httpBody = Data(body)
        request.timeoutInterval = 120
        request.setValue("application/octet-stream", forHTTPHeaderField: "Content-Type")
        request.setValue("application/json", forHTTPHeaderField: "Accept")
        for attempt in 1...tries {
            let (data, response): (Data, URLResponse)
            do {
                (data, response) = try await URLSession.shared.data(for: request)
            } catch {
                tell("The collector at \(url) can't be reached: \(error.localizedDescription)")
                throw ExitCode(ExitStatus.unavailable)
            }
            let answer = response as? HTTPURLResponse
            let status = answer?.statusCode ?? 0
            if status == 200, let report = try? HistoryCoding.decoder().decode(IngestReport.self, from: data) {
                return report
            }
            if [409, 503].contains(status), attempt < tries {
                let pause = answer?.value(forHTTPHeaderField: "Retry-After").flatMap { Int($0) } ?? 0
                try await Task.sleep(for: .seconds(min(max(pause, pauses.lowerBound), pauses.upperBound)))
                continue
            }
            guard let problem = try? HistoryCoding.decoder().decode(Problem.self, from: data) else {
                tell("The answer of \(url) is not a collector's: status \(status).")
                throw ExitCode(ExitStatus.protocolError)
            }
            tell("\(problem.message) \(problem.hint)")
            if status == 422 { return nil }
            throw ExitCode([409, 503].contains(status) ? ExitStatus.temporary : ExitStatus.protocolError)
        }
        return IngestReport()
    }
}
