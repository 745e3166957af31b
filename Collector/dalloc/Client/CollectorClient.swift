// SPDX-License-Identifier: Apache-2.0
//
// Asks the collector's HTTP API, schema/openapi.yaml, and turns everything that can go wrong into a CommandFailure.

import CommandSupport
import Foundation
import HeapHistory

struct CollectorClient: Sendable {
    /// Devices that one question asks for.
    static let devicesInAPage = 1000
    /// Points of a history whose step nobody has chosen, about.
    private static let points = "60"

    private let address: CollectorAddress
    private let timeout: TimeInterval
    private let transport: Transport

    private enum Transport: Sendable {
        case plain(PlainHTTP)
        case secure(SecureHTTP)
        /// What the proxy leads to can't be checked before.
        case proxy(SecureHTTP)
    }

    /// Keeps libcurl from asking a proxy for what is on this machine. To be called before the first thread starts.
    static func keepLoopbackOffProxies() {
        let environment = ProcessInfo.processInfo.environment
        let others = environment["no_proxy"] ?? environment["NO_PROXY"]
        if others == "*" { return }
        setenv("no_proxy", ([others ?? ""] + ["localhost", "127.0.0.1", "::1"]).joined(separator: ","), 1)
    }

    /// `timeout` is in seconds of silence, up to a day.
    init(
        address: CollectorAddress, timeout: TimeInterval = 10,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        (self.address, self.timeout) = (address, timeout)
        let patience = Int32(max(0.001, min(timeout, 86_400)) * 1000)
        transport =
            if ProxySetting.applies(to: address, environment: environment) {
                .proxy(SecureHTTP(address: address, patience: patience, environment: environment))
            } else if address.isSecure {
                .secure(SecureHTTP(address: address, patience: patience, environment: environment))
            } else {
                .plain(PlainHTTP(address: address, patience: patience))
            }
    }

    /// The devices after the one with the id `after`, a page of them or `limit`; a collector of an older version answers with
    /// all.
    func devices(
        _ selection: DeviceSelection? = nil, after: String? = nil, limit: Int? = nil
    ) async throws -> DeviceList {
        // In another order than by id, there is one page.
        let isPaged = selection?.sort ?? .id == .id
        let limit = isPaged ? min(limit ?? .max, Self.devicesInAPage) : limit ?? Self.devicesInAPage
        return try await fetch(
            ["v1", "devices"],
            [("limit", String(limit)), ("after", after)] + (selection?.parameters ?? []))
    }

    /// Sets labels of a device; one with an empty value is removed.
    func label(_ device: String, _ labels: [DeviceLabel]) async throws {
        _ = try await answer(.put, ["v1", "devices", device, "labels"], labels.map { ("label", $0.description) })
    }

    /// How much a device is to tell.
    func detail(of device: String) async throws -> DeviceDetail {
        try await fetch(["v1", "devices", device, "detail"], [])
    }

    /// - Parameter detail: nil when nothing is to be said to the device.
    func set(_ detail: DeviceDetail.Level?, of device: String) async throws -> DeviceDetail {
        let body = try HistoryCoding.encoder().encode(DetailWish(detail))
        return try read(try await answer(.put, ["v1", "devices", device, "detail"], [], body: [UInt8](body)))
    }

    /// Removes a device with all that is known of it.
    func forget(_ device: String) async throws {
        _ = try await answer(.delete, ["v1", "devices", device], [])
    }

    func history(
        of device: String, heap: String?, during range: TimeRange, step: Interval?
    ) async throws -> UsageHistory {
        try await fetch(
            ["v1", "devices", device, "history"],
            [
                ("heap", heap), ("since", range.since?.bound), ("until", range.until?.bound),
                ("step", step.map { String($0.microseconds) }), ("points", step == nil ? Self.points : nil),
            ])
    }

    func snapshot(of device: String, heap: String?, at moment: MomentArgument?) async throws -> Snapshot {
        try await fetch(
            ["v1", "devices", device, "snapshot"],
            [("heap", heap), ("at", moment?.bound), ("sequence", moment?.sequence)])
    }

    func moves(of device: String, heap: String?, during range: TimeRange, limit: Int) async throws -> MoveList {
        try await fetch(
            ["v1", "devices", device, "moves"],
            [
                ("heap", heap), ("since", range.since?.bound), ("until", range.until?.bound),
                ("since_sequence", range.since?.sequence), ("until_sequence", range.until?.sequence),
                ("limit", String(limit)),
            ])
    }

    func gaps(of device: String, heap: String?, during range: TimeRange) async throws -> GapList {
        try await fetch(
            ["v1", "devices", device, "gaps"],
            [("heap", heap), ("since", range.since?.bound), ("until", range.until?.bound)])
    }

    func operations(
        of device: String, heap: String?, during range: TimeRange, after: String?, limit: Int
    ) async throws -> OperationList {
        try await fetch(
            ["v1", "devices", device, "operations"],
            [
                ("heap", heap), ("since", range.since?.bound), ("until", range.until?.bound),
                ("since_sequence", range.since?.sequence), ("until_sequence", range.until?.sequence), ("after", after),
                ("limit", String(limit)),
            ])
    }

    func summaries(
        of device: String, heap: String?, during range: TimeRange, after: String?, limit: Int
    ) async throws -> SummaryList {
        try await fetch(
            ["v1", "devices", device, "summaries"],
            [
                ("heap", heap), ("since", range.since?.bound), ("until", range.until?.bound), ("after", after),
                ("limit", String(limit)),
            ])
    }

    func block(
        _ number: UInt64, of device: String, heap: String?, boot: BootName?, limit: Int
    ) async throws -> BlockLife {
        try await fetch(
            ["v1", "devices", device, "blocks", String(number)],
            [("heap", heap), ("boot", boot?.description), ("limit", String(limit))])
    }

    func difference(
        of device: String, heap: String?, from: MomentArgument, to: MomentArgument?
    ) async throws -> HeapDifference {
        try await fetch(
            ["v1", "devices", device, "diff"],
            [
                ("heap", heap), ("from", from.bound), ("from_sequence", from.sequence), ("to", to?.bound),
                ("to_sequence", to?.sequence),
            ])
    }

    func boots(of device: String, after: String?, limit: Int) async throws -> BootList {
        try await fetch(["v1", "devices", device, "boots"], [("after", after), ("limit", String(limit))])
    }

    /// - Parameter device: nil for the fleet.
    func leaks(
        of device: String?, heap: String?, build: String?, during range: TimeRange, limit: Int
    ) async throws -> LeakList {
        try await fetch(
            ["v1"] + (device.map { ["devices", $0] } ?? []) + ["leaks"],
            [
                ("heap", heap), ("build", build), ("since", range.since?.bound), ("until", range.until?.bound),
                ("limit", String(limit)),
            ])
    }

    func whatIf(
        of device: String, heap: String?, during range: TimeRange, size: UInt32?, table: UInt32?,
        allocator: WhatIfAnswer.Allocator?
    ) async throws -> WhatIfAnswer {
        try await fetch(
            ["v1", "devices", device, "whatif"],
            [
                ("heap", heap), ("since", range.since?.bound), ("until", range.until?.bound),
                ("since_sequence", range.since?.sequence), ("until_sequence", range.until?.sequence),
                ("size", size.map { String($0) }), ("table", table.map { String($0) }),
                ("allocator", allocator?.rawValue),
            ])
    }

    func top(by figure: TopList.Figure, build: String?, during range: TimeRange, limit: Int) async throws -> TopList {
        try await fetch(
            ["v1", "top"],
            [
                ("by", figure.rawValue), ("build", build), ("since", range.since?.bound), ("until", range.until?.bound),
                ("limit", String(limit)),
            ])
    }

    func compare(
        _ builds: (a: String, b: String), heap: String?, during range: TimeRange
    ) async throws -> BuildComparison {
        try await fetch(
            ["v1", "compare"],
            [
                ("a", builds.a), ("b", builds.b), ("heap", heap), ("since", range.since?.bound),
                ("until", range.until?.bound),
            ])
    }

    func rightSize(
        build: String?, heap: String?, quantile: Double, during range: TimeRange
    ) async throws -> RightSize {
        try await fetch(
            ["v1", "rightsize"],
            [
                ("build", build), ("heap", heap), ("quantile", String(quantile)), ("since", range.since?.bound),
                ("until", range.until?.bound),
            ])
    }

    func failures(
        of device: String, heap: String?, during range: TimeRange, limit: Int, withTables: Bool
    ) async throws -> FailureList {
        try await fetch(
            ["v1", "devices", device, "failures"],
            [
                ("heap", heap), ("since", range.since?.bound), ("until", range.until?.bound), ("limit", String(limit)),
                ("table", withTables ? "1" : nil),
            ])
    }

    private func fetch<Answer: Decodable>(
        _ segments: [String], _ parameters: [(name: String, value: String?)]
    ) async throws -> Answer {
        try read(try await answer(.get, segments, parameters))
    }

    private func read<Answer: Decodable>(_ answer: HTTPAnswer) throws -> Answer {
        do {
            return try HistoryCoding.decoder().decode(Answer.self, from: Data(answer.body))
        } catch let error as DecodingError {
            throw notUnderstood(error.place)
        }
    }

    /// The answer, unless it says that there is none.
    /// - Parameter body: JSON; nil for none.
    private func answer(
        _ method: HTTPMethod, _ segments: [String], _ parameters: [(name: String, value: String?)],
        body: [UInt8]? = nil
    ) async throws -> HTTPAnswer {
        let answer: HTTPAnswer
        do {
            answer = try await ask(method, address.target(segments, parameters), body)
        } catch let failure as HTTPFailure {
            throw explanation(of: failure)
        }
        guard (200...299).contains(answer.status) else {
            if let problem = try? HistoryCoding.decoder().decode(Problem.self, from: Data(answer.body)) {
                throw CommandFailure(problem)
            }
            throw refusal(answer)
        }
        return answer
    }

    private func ask(_ method: HTTPMethod, _ target: String, _ body: [UInt8]?) async throws -> HTTPAnswer {
        switch transport {
        case .plain(let plain): return try await plain.ask(method, target, body)
        case .proxy(let proxy): return try await proxy.ask(method, target, body)
        case .secure(let secure):
            try await secure.probe()
            return try await secure.ask(method, target, body)
        }
    }

    /// What a status without a `Problem` means.
    private func refusal(_ answer: HTTPAnswer) -> CommandFailure {
        if answer.status == 503 {
            let wait = answer.headers["retry-after"].map { " in \($0.printable) s" } ?? " later"
            return CommandFailure(
                status: .temporary, cause: "the collector at \(address) has no time for this question",
                wayOut: "ask again\(wait)")
        }
        if (300...399).contains(answer.status), let place = answer.headers["location"] {
            return notUnderstood("it leads to \(place): name that with --collector")
        }
        return notUnderstood("HTTP status \(answer.status) without a reason that this version knows")
    }

    private func notUnderstood(_ detail: String) -> CommandFailure {
        CommandFailure(
            status: .notUnderstood, cause: "the answer from \(address) was not understood (\(detail.printable))",
            wayOut: "check that --collector names a dalloc-collector's --api address, and that its version fits")
    }

    private func explanation(of failure: HTTPFailure) -> CommandFailure {
        let start = "start it with `dalloc-collector serve`, or name another one with --collector"
        let check = "check the address given with --collector or \(CollectorAddress.variable)"
        let (cause, wayOut): (String, String)
        switch failure {
        case .closed: return notUnderstood("the connection was closed without an HTTP answer")
        case .notHTTP(let detail): return notUnderstood(detail)
        case .tooLarge: return notUnderstood("it is larger than any answer")
        case .notSecure:
            return notUnderstood(
                "what listens there speaks no TLS: write http:// instead of https://, if the line needs no secrecy")
        case .refused: (cause, wayOut) = ("no collector listens at \(address)", start)
        case .unknownHost(let detail):
            (cause, wayOut) = ("the host of \(address) has no known address (\(detail.printable))", check)
        case .silence:
            (cause, wayOut) = ("the collector at \(address) has not answered within \(seconds) s", start)
        case .noGreeting:
            (cause, wayOut) = ("\(address) has not answered a greeting of TLS within \(seconds) s", check)
        case .brokeOff:
            (cause, wayOut) = ("the answer from \(address) broke off", "try again, and look whether the collector runs")
        case .system(let detail):
            (cause, wayOut) = ("the collector at \(address) could not be reached (\(detail.printable))", check)
        }
        return CommandFailure(status: .unreachable, cause: cause, wayOut: wayOut)
    }

    /// `10`, `0.5`.
    private var seconds: String {
        timeout == timeout.rounded() ? String(Int(max(0, min(timeout, 86_400)))) : String(timeout)
    }
}

extension MomentArgument {
    /// A time or a boot.
    fileprivate var bound: String? {
        switch self {
        case .time(let time): time.description
        case .boot(let name): BootName.prefix + name.description
        default: nil
        }
    }

    fileprivate var sequence: String? {
        if case .sequence(let number) = self { String(number) } else { nil }
    }
}

extension DecodingError {
    /// The place in the answer, and what is wrong there.
    fileprivate var place: String {
        switch self {
        case .keyNotFound(let key, let context): "\(Self.path(context)) has no \(key.stringValue)"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(Self.path(context)) has the wrong type"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "it is not JSON" : "\(Self.path(context)): \(context.debugDescription)"
        @unknown default: "it does not decode"
        }
    }

    private static func path(_ context: Context) -> String {
        context.codingPath.reduce("the answer") { text, key in
            text + (key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)")
        }
    }
}
