// SPDX-License-Identifier: Apache-2.0
//
// Questions that are answered from sums: about the fleet, and what leaks in a device.

internal import HeapHistory
internal import Hummingbird

extension HistoryAPI {
    /// The last part of the paths /v1/….
    static let questionsAboutTheFleet: Set = ["leaks", "top", "compare", "rightsize"]

    private static let day: Int64 = 86_400_000_000

    func addFleetRoutes(to router: Router<APIContext>) {
        router.get("v1/leaks") { request, context in
            await smallAnswer(request, context, .long) { parameters in
                let (since, until) = try range(parameters, length: 7 * Self.day)
                let (heap, build) = (try parameters.text("heap"), try parameters.text("build"))
                let limit = Int(try parameters.number("limit", 1...1000) ?? 100)
                return { try await $0.leaks(heap: heap, build: build, since: since, until: until, limit: limit) }
            }
        }
        router.get("v1/top") { request, context in
            await smallAnswer(request, context, .short) { parameters in
                let (since, until) = try range(parameters, length: 7 * Self.day)
                let names = TopList.Figure.allCases.map(\.rawValue).joined(separator: ", ")
                let figure = try parameters.value("by", names) { TopList.Figure(rawValue: $0) } ?? .usage
                let build = try parameters.text("build")
                let limit = Int(try parameters.number("limit", 1...1000) ?? 20)
                return { try await $0.top(by: figure, build: build, since: since, until: until, limit: limit) }
            }
        }
        router.get("v1/compare") { request, context in
            await smallAnswer(request, context, .long) { parameters in
                let (since, until) = try range(parameters, length: 30 * Self.day)
                let heap = try parameters.text("heap")
                guard let a = try parameters.text("a"), let b = try parameters.text("b") else {
                    throw Problem(.badRequest, "A build is missing.", hint: "Name two: a=1.4.2&b=1.4.3.")
                }
                return { try await $0.compare((a, b), heap: heap, since: since, until: until) }
            }
        }
        router.get("v1/rightsize") { request, context in
            await smallAnswer(request, context, .long) { parameters in
                let (since, until) = try range(parameters, length: 30 * Self.day)
                let (build, heap) = (try parameters.text("build"), try parameters.text("heap"))
                let quantile = try parameters.value("quantile", "0.999, above 0 and below 1") { text in
                    Double(text).flatMap { $0 > 0 && $0 < 1 ? $0 : nil }
                }
                return {
                    try await $0.rightSize(
                        build: build, heap: heap, quantile: quantile ?? 0.999, since: since, until: until)
                }
            }
        }
        router.get("v1/devices/:device/leaks") { request, context in
            await smallAnswer(request, context, .short) { parameters in
                let (since, until) = (try parameters.bound("since"), try parameters.bound("until"))
                let (device, heap) = (parameters.device, try parameters.text("heap"))
                let build = try parameters.text("build")
                let limit = Int(try parameters.number("limit", 1...1000) ?? 100)
                return { query in
                    let range = try await query.range(since, until, device: device, heap: heap, length: 7 * Self.day)
                    return try await query.leaks(
                        device: device, heap: heap, build: build, since: range.since, until: range.until, limit: limit)
                }
            }
        }
    }

    /// Of a question about many devices.
    func range(_ parameters: Parameters, length: Int64) throws -> (since: Timestamp, until: Timestamp) {
        func time(_ name: String) throws -> Timestamp? {
            switch try parameters.bound(name) {
            case .time(let time): return time
            case .boot:
                throw Problem(.badRequest, "\(name) names a boot, and many devices have it.", hint: "Write a time.")
            case nil: return nil
            }
        }
        let until = try time("until") ?? .now
        return (try time("since") ?? until.later(byMicroseconds: Int64.zero.subtractingClamped(length)), until)
    }
}
