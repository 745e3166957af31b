// Asks the collector's HTTP API, schema/openapi.yaml, and turns everything that can go wrong into a CommandFailure.

import Foundation
import HeapHistory

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

struct CollectorClient: Sendable {
    private let address: CollectorAddress
    private let session: URLSession
    private let timeout: TimeInterval

    /// Keeps libcurl from asking a proxy for what is on this machine. To be called before the first thread starts.
    static func keepLoopbackOffProxies() {
        let environment = ProcessInfo.processInfo.environment
        let others = environment["no_proxy"] ?? environment["NO_PROXY"]
        if others == "*" { return }
        setenv("no_proxy", ([others ?? ""] + ["localhost", "127.0.0.1", "::1"]).joined(separator: ","), 1)
    }

    /// `timeout` is in seconds of silence.
    init(address: CollectorAddress, timeout: TimeInterval = 10) {
        self.address = address
        self.timeout = timeout
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = timeout
        configuration.urlCache = nil
        session = URLSession(configuration: configuration)
    }

    func devices() async throws -> DeviceList {
        try await fetch(try address.url(["v1", "devices"]))
    }

    func history(
        of device: String, heap: String?, during stretch: Stretch, step: Span
    ) async throws -> UsageHistory {
        try await fetch(
            try address.url(
                ["v1", "devices", device, "history"],
                [
                    ("heap", heap), ("since", stretch.since?.time), ("until", stretch.until?.time),
                    ("step", String(step.microseconds)),
                ]))
    }

    func snapshot(of device: String, heap: String?, at moment: Moment?) async throws -> Snapshot {
        try await fetch(
            try address.url(
                ["v1", "devices", device, "snapshot"],
                [("heap", heap), ("at", moment?.time), ("sequence", moment?.sequence)]))
    }

    func moves(of device: String, heap: String?, during stretch: Stretch, limit: Int) async throws -> MoveList {
        try await fetch(
            try address.url(
                ["v1", "devices", device, "moves"],
                [
                    ("heap", heap), ("since", stretch.since?.time), ("until", stretch.until?.time),
                    ("since_sequence", stretch.since?.sequence), ("until_sequence", stretch.until?.sequence),
                    ("limit", String(limit)),
                ]))
    }

    func gaps(of device: String, heap: String?, during stretch: Stretch) async throws -> GapList {
        try await fetch(
            try address.url(
                ["v1", "devices", device, "gaps"],
                [("heap", heap), ("since", stretch.since?.time), ("until", stretch.until?.time)]))
    }

    private func fetch<Answer: Decodable>(_ url: URL) async throws -> Answer {
        let (body, response): (Data, URLResponse)
        do {
            (body, response) = try await session.data(from: url)
        } catch let error as URLError where error.code != .cancelled {
            throw failure(error)
        }
        guard let status = (response as? HTTPURLResponse)?.statusCode else {
            throw notUnderstood("it is not HTTP")
        }
        let decoder = HistoryCoding.decoder()
        guard (200...299).contains(status) else {
            if let problem = try? decoder.decode(Problem.self, from: body) { throw CommandFailure(problem) }
            throw notUnderstood("HTTP status \(status) without a reason that this version knows")
        }
        do {
            return try decoder.decode(Answer.self, from: body)
        } catch let error as DecodingError {
            throw notUnderstood(error.place)
        }
    }

    private func notUnderstood(_ detail: String) -> CommandFailure {
        CommandFailure(
            status: .notUnderstood, cause: "the answer from \(address) was not understood (\(detail.printable))",
            wayOut: "check that --collector names a dalloc-collector's --api address, and that its version fits")
    }

    private func failure(_ error: URLError) -> CommandFailure {
        let start = "start it with `dalloc-collector serve`, or name another one with --collector"
        let check = "check the address given with --collector or \(CollectorAddress.variable)"
        let (cause, wayOut): (String, String) =
            switch error.code {
            case .cannotConnectToHost: ("no collector listens at \(address)", start)
            case .cannotFindHost, .dnsLookupFailed: ("the host of \(address) has no known address", check)
            case .timedOut: ("the collector at \(address) has not answered within \(Int(timeout)) s", start)
            case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
                .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid:
                ("no secure connection to \(address) could be made", check)
            // Foundation 6.3 on Linux refuses http://[::1]:7421 with this code, though it is a URL.
            case .badURL:
                ("\(address) is an address that Foundation can't open", "name the host instead of its IPv6 address")
            // What libcurl's "partial file" becomes.
            case .unknown: ("the answer from \(address) broke off", "try again, and look whether the collector runs")
            default: ("the collector at \(address) could not be reached (URL error \(error.code.rawValue))", check)
            }
        switch error.code {
        case .badServerResponse, .cannotParseResponse, .networkConnectionLost, .unsupportedURL:
            return notUnderstood("the connection was closed without an HTTP answer")
        default:
            return CommandFailure(status: .unreachable, cause: cause, wayOut: wayOut)
        }
    }
}

extension Moment {
    fileprivate var time: String? {
        if case .time(let time) = self { time.description } else { nil }
    }

    fileprivate var sequence: String? {
        if case .sequence(let number) = self { String(number) } else { nil }
    }
}

extension DecodingError {
    /// Where in the answer, and what is wrong there.
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
