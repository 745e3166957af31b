// Asks over HTTPS, or through the proxy that the environment names, with Foundation. It waits less idly than
// ``PlainHTTP`` (see ``TCPConnection``), so whether the other side speaks TLS at all is found out first, without it.

import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

struct SecureHTTP: Sendable {
    let address: CollectorAddress
    /// Milliseconds of silence until the server is given up.
    let patience: Int32
    private let session: URLSession

    init(address: CollectorAddress, patience: Int32) {
        (self.address, self.patience) = (address, patience)
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = Double(patience) / 1000
        configuration.urlCache = nil
        session = URLSession(configuration: configuration)
    }

    /// Throws unless what listens answers a greeting of TLS with a record of TLS.
    func probe() async throws {
        let (address, patience) = (address, patience)
        let first = try await BlockingCall.run { try Self.greet(address, patience) }
        guard TLSGreeting.isRecord(first) else { throw HTTPFailure.notSecure }
    }

    /// The first byte of the answer.
    private static func greet(_ address: CollectorAddress, _ patience: Int32) throws(HTTPFailure) -> UInt8 {
        let connection = try TCPConnection(host: address.host, port: address.port, patience: patience)
        try connection.send(TLSGreeting.bytes(random: (0..<32).map { _ in UInt8.random(in: 0...255) }))
        var buffer = [UInt8](repeating: 0, count: 16)
        do throws(HTTPFailure) {
            guard let first = try connection.receive(into: &buffer).first else { throw .closed }
            return first
        } catch .silence {
            throw .noGreeting
        }
    }

    func get(_ target: String) async throws -> HTTPAnswer {
        guard let url = address.url(target) else { throw HTTPFailure.system("\(address) can't be made a URL") }
        let (body, response): (Data, URLResponse)
        do {
            (body, response) = try await session.data(from: url)
        } catch let error as URLError where error.code != .cancelled {
            throw Self.failure(error)
        }
        guard let response = response as? HTTPURLResponse else { throw HTTPFailure.notHTTP("it is not HTTP") }
        let headers = response.allHeaderFields.compactMap { name, value in
            (name as? String).map { ($0.lowercased(), "\(value)") }
        }
        return HTTPAnswer(
            status: response.statusCode, headers: Dictionary(headers) { $1 }, body: Array(body))
    }

    private static func failure(_ error: URLError) -> HTTPFailure {
        switch error.code {
        case .cannotConnectToHost: .refused
        case .cannotFindHost, .dnsLookupFailed: .unknownHost("the resolver knows none")
        case .timedOut: .silence
        case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
            .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid:
            .certificate
        case .badServerResponse, .cannotParseResponse, .networkConnectionLost, .unsupportedURL: .closed
        // Foundation 6.3 on Linux refuses https://[::1]:7421 with this code, though it is a URL.
        case .badURL: .system("Foundation can't open it; name the host instead of an IPv6 address")
        // What most of libcurl's own errors become: a certificate that nobody vouches for, an answer that broke off.
        case .unknown: .system(error.localizedDescription)
        default: .system("URL error \(error.code.rawValue)")
        }
    }
}
