// SPDX-License-Identifier: Apache-2.0
//
// How the connections of one port become secure ones: TLS 1.3 with certificates of both sides, or TLS 1.2 with a pre-shared key for each
// device. What it goes by is read from files, and read again when it is told to.

internal import NIOCore
internal import NIOSSL
internal import Synchronization

final class SecureLinks: Sendable {
    enum Source: Sendable {
        case certificates(CertificateFiles)
        /// The path of a ``KeyFile``.
        case keys(String)
    }

    private let source: Source
    private let context: Mutex<NIOSSLContext>
    private let keys: KeyRing

    /// The keys at present, for a callback that outlives each of them.
    private final class KeyRing: Sendable {
        let file = Mutex<KeyFile?>(nil)

        func key(of identity: String) -> NIOSSLSecureBytes? { file.withLock { $0?.key(of: identity) } }
    }

    /// - Throws: ``SecurityFileError``.
    init(_ source: Source) throws {
        self.source = source
        let keys = KeyRing()
        let read = try Self.read(source, keys)
        keys.file.withLock { $0 = read.keys }
        context = Mutex(read.context)
        self.keys = keys
    }

    /// What stands before the peer in a line's name.
    var name: String {
        switch source {
        case .certificates: "tls"
        case .keys: "psk"
        }
    }

    /// Reads the files again; new connections go by what is in them. When they can't be used, all stays as it was.
    /// - Returns: identities whose key is another one now, or gone.
    /// - Throws: ``SecurityFileError``.
    func reload() throws -> Set<String> {
        let read = try Self.read(source, keys)
        context.withLock { $0 = read.context }
        guard let new = read.keys else { return [] }
        return keys.file.withLock { file in
            defer { file = new }
            guard let old = file else { return [] }
            return old.identities.filter { old.key(of: $0) != new.key(of: $0) }
        }
    }

    /// Puts TLS before what the channel has.
    /// - Parameter failed: gets why there is no secure connection.
    func secure(
        _ channel: any Channel, _ handshake: Handshake, failed: @escaping @Sendable (HandshakeFailure) -> Void
    ) throws {
        let tls = NIOSSLServerHandler(context: context.withLock { $0 })
        try channel.pipeline.syncOperations.addHandlers([
            HandshakeGate(handshake), tls, HandshakeWatch(handshake, failed: failed),
        ])
    }

    // MARK: Files

    private static func read(_ source: Source, _ ring: KeyRing) throws -> (context: NIOSSLContext, keys: KeyFile?) {
        switch source {
        case .certificates(let files): (try context(files), nil)
        case .keys(let path): (try context(ring), try KeyFile(path: path))
        }
    }

    private static func context(_ files: CertificateFiles) throws -> NIOSSLContext {
        let chain = try certificates(files.certificate)
        let roots = try certificates(files.clientCA)
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: files.key, format: .pem)
        } catch {
            throw SecurityFileError(path: files.key, cause: "it is no private key in PEM that can be read")
        }
        var configuration = TLSConfiguration.makeServerConfigurationWithMTLS(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key),
            trustRoots: .certificates(roots))
        configuration.minimumTLSVersion = .tlsv13
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw SecurityFileError(
                path: files.key, cause: "it is not the key of the certificate in \(files.certificate)")
        }
    }

    private static func certificates(_ path: String) throws -> [NIOSSLCertificate] {
        guard let certificates = try? NIOSSLCertificate.fromPEMFile(path), !certificates.isEmpty else {
            throw SecurityFileError(path: path, cause: "it has no certificate in PEM that can be read")
        }
        return certificates
    }

    /// The only AEAD suite of BoringSSL with a pre-shared key comes first, then those that many devices have.
    private static let keySuites = [
        "ECDHE-PSK-CHACHA20-POLY1305", "ECDHE-PSK-AES256-CBC-SHA", "ECDHE-PSK-AES128-CBC-SHA", "PSK-AES256-CBC-SHA",
        "PSK-AES128-CBC-SHA",
    ]

    private static func context(_ ring: KeyRing) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makePreSharedKeyConfiguration()
        // BoringSSL has no pre-shared keys in TLS 1.3 that can be reached.
        (configuration.minimumTLSVersion, configuration.maximumTLSVersion) = (.tlsv12, .tlsv12)
        configuration.cipherSuites = keySuites.joined(separator: ":")
        configuration.pskServerProvider = { peer in
            let key = ring.key(of: peer.clientIdentity)
            HandshakeGate.handshakeInProgress?.claim(peer.clientIdentity, isKnown: key != nil)
            // A peer does not learn which identities there are: one without a key fails as one with a wrong key does.
            return PSKServerIdentityResponse(key: key ?? decoy())
        }
        return try NIOSSLContext(configuration: configuration)
    }

    private static func decoy() -> NIOSSLSecureBytes {
        var key = NIOSSLSecureBytes()
        key.append((0..<32).map { _ in UInt8.random(in: .min ... .max) })
        return key
    }
}
