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
