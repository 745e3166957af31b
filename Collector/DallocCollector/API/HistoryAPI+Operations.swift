// SPDX-License-Identifier: Apache-2.0
//
// Questions about single operations, blocks and tables of a device.

internal import HeapHistory
internal import Hummingbird

extension HistoryAPI {
    /// The last part of the paths /v1/devices/DEVICE/….
    static let questionsAboutADevice: Set = [
        "history", "snapshot", "moves", "gaps", "operations", "diff", "boots", "failures", "leaks", "whatif",
        "summaries",
    ]

    func addOperationRoutes(to router: Router<APIContext>) {
        router.get("v1/devices/:device/operations") { request, context in
            await answer(request, context, .long) { parameters in
                let (since, until) = (try parameters.bound("since"), try parameters.bound("until"))
                let first = try parameters.sequence("since_sequence", insteadOf: "since")
                let last = try parameters.sequence("until_sequence", insteadOf: "until")
                let (device, heap) = (parameters.device, try parameters.text("heap"))
                let (after, limit) = (
                    try parameters.text("after"), Int(try parameters.number("limit", 1...10_000) ?? 1000)
                )
                return { query in
                    let end = try await query.moment(until, .end, device: device, heap: heap)
                    let until = last ?? end ?? .time(.now)
                    let beginning = try await query.moment(since, .beginning, device: device, heap: heap)
                    return try await query.operations(
                        device: device, heap: heap, since: first ?? beginning ?? hourBefore(until), until: until,
                        after: after, limit: limit)
                }
            }
        }
        router.get("v1/devices/:device/summaries") { request, context in
            await answer(request, context, .long) { parameters in
                let (since, until) = (try parameters.bound("since"), try parameters.bound("until"))
                let (device, heap) = (parameters.device, try parameters.text("heap"))
                let (after, limit) = (
                    try parameters.text("after"), Int(try parameters.number("limit", 1...1000) ?? 1000)
                )
                return { query in
                    let range = try await query.range(
                        since, until, device: device, heap: heap, length: 3_600_000_000)
                    return try await query.summaries(
                        device: device, heap: heap, since: range.since, until: range.until, after: after, limit: limit)
                }
            }
        }
        router.get("v1/devices/:device/diff") { request, context in
            await smallAnswer(request, context, .short) { parameters in
                let (from, to) = (try parameters.bound("from"), try parameters.bound("to"))
                let first = try parameters.sequence("from_sequence", insteadOf: "from", from: 1)
                let last = try parameters.sequence("to_sequence", insteadOf: "to", from: 1)
                let (device, heap) = (parameters.device, try parameters.text("heap"))
                guard from != nil || first != nil else {
                    throw Problem(
                        .badRequest, "`from` is missing.", hint: "Give the earlier moment; `to` is the latest table.")
                }
                return { query in
                    let earlier = try await query.moment(from, .beginning, device: device, heap: heap)
                    let later = try await query.moment(to, .beginning, device: device, heap: heap)
                    return try await query.difference(
                        device: device, heap: heap, from: first ?? earlier ?? .latest, to: last ?? later ?? .latest)
                }
            }
        }
        router.get("v1/devices/:device/boots") { request, context in
            await smallAnswer(request, context, .short) { parameters in
                let (device, after) = (parameters.device, try parameters.text("after"))
                let limit = Int(try parameters.number("limit", 1...1000) ?? 100)
                return { try await $0.boots(device: device, after: after, limit: limit) }
            }
        }
        router.get("v1/devices/:device/failures") { request, context in
            await smallAnswer(request, context, .long) { parameters in
                let (since, until) = (try parameters.bound("since"), try parameters.bound("until"))
                let (device, heap) = (parameters.device, try parameters.text("heap"))
                let limit = Int(try parameters.number("limit", 1...1000) ?? 100)
                let withTables = try parameters.number("table", 0...1) == 1
                return { query in
                    let range = try await query.range(
                        since, until, device: device, heap: heap, length: Self.week)
                    return try await query.failures(
                        device: device, heap: heap, since: range.since, until: range.until,
                        limit: withTables ? min(limit, 20) : limit, withTables: withTables)
                }
            }
        }
        router.get("v1/devices/:device/whatif") { request, context in
            await smallAnswer(request, context, .long) { parameters in
                let (since, until) = (try parameters.bound("since"), try parameters.bound("until"))
                let first = try parameters.sequence("since_sequence", insteadOf: "since")
                let last = try parameters.sequence("until_sequence", insteadOf: "until")
                let (device, heap) = (parameters.device, try parameters.text("heap"))
                let other = OtherHeap(
                    allocator: try parameters.value("allocator", "eager, lazy, first-fit, best-fit, tlsf or heap_4") {
                        WhatIfAnswer.Allocator(rawValue: $0)
                    },
                    size: (try parameters.number("size", 1...Int64(UInt32.max))).map { UInt32(clamping: $0) },
                    tableSize: (try parameters.number("table", 1...65_535)).map { UInt32(clamping: $0) })
                if let allocator = other.allocator, !allocator.isExact, other.tableSize != nil {
                    throw Problem(
                        .badRequest, "The allocator \(allocator.rawValue) has no table.", hint: "Leave `table` away.")
                }
                return { query in
                    let end = try await query.moment(until, .end, device: device, heap: heap)
                    let until = last ?? end ?? .time(.now)
                    let beginning = try await query.moment(since, .beginning, device: device, heap: heap)
                    return try await query.whatIf(
                        device: device, heap: heap, other, since: first ?? beginning ?? dayBefore(until), until: until)
                }
            }
        }
        router.get("v1/devices/:device/blocks/:number") { request, context in
            await smallAnswer(request, context, .long) { parameters in
                let (device, heap) = (parameters.device, try parameters.text("heap"))
                let text = context.parameters.get("number") ?? ""
                guard let number = Int64(text), number > 0 else {
                    throw Problem(
                        .badRequest, "\(text) is no block.",
                        hint: "Blocks are numbered from 1 on, as they are allocated.")
                }
                let boot = try parameters.text("boot").map { text in
                    guard let boot = BootName(text) else {
                        throw Problem(.badRequest, "boot=\(text) is no boot.", hint: "Write it as `dalloc boots` does.")
                    }
                    return boot
                }
                let limit = Int(try parameters.number("limit", 2...10_000) ?? 1000)
                return {
                    try await $0.block(device: device, heap: heap, boot: boot, number: number.magnitude, limit: limit)
                }
            }
        }
    }
}
