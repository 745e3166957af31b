// SPDX-License-Identifier: Apache-2.0
//
// Why a connection did not become a secure one.

internal import NIOSSL

enum HandshakeFailure: String, CaseIterable, Sendable {
    /// It spoke no TLS.
    case plaintext
    /// It spoke TLS, on the plain port.
    case plainPort = "plain_port"
    /// It came without a certificate.
    case noCertificate = "no_certificate"
    /// Its certificate is not signed by who it should be, or not valid now.
    case untrusted
    /// There is no pre-shared key of its identity.
    case unknownIdentity = "unknown_identity"
    /// It does not have the key of its identity.
    case wrongKey = "wrong_key"
    /// It goes on with an earlier session, for which no key is asked.
    case resumed
    /// It offers versions or suites only that are not taken here.
    case noCommonGround = "no_common_ground"
    /// It turned down what it was shown: the collector's certificate, perhaps.
    case refusedByPeer = "refused_by_peer"
    /// It hung up in the midst of it.
    case abandoned
    /// What came was broken, or of another kind.
    case other

    /// For people who read the log.
    var words: String {
        switch self {
        case .plaintext: "it spoke no TLS: let it connect to the plain port, or give it TLS"
        case .plainPort: "it spoke TLS on the plain port"
        case .noCertificate: "it has no certificate"
        case .untrusted: "its certificate is not signed by --tls-client-ca, or not valid now"
        case .unknownIdentity: "its identity has no key in --psk-keys"
        case .wrongKey: "it has another key than its identity in --psk-keys"
        case .resumed: "it resumed a session, which does not prove again that it has the key: let it make a new one"
        case .noCommonGround: "it offers only versions or cipher suites that are not taken"
        case .refusedByPeer: "it turned the collector down: does it trust the issuer of --tls-certificate?"
        case .abandoned: "it hung up in the midst of the handshake"
        case .other: "what it sent made no sense"
        }
    }

    init(_ error: any Error) {
        guard let error = error as? NIOSSLError, case .handshakeFailed(let cause) = error else {
            self = error is NIOSSLError ? .abandoned : .other
            return
        }
        // BoringSSL's names for reasons are all that there is to tell them apart.
        let text = "\(cause)"
        let reasons: [(String, HandshakeFailure)] = [
            ("PEER_DID_NOT_RETURN_A_CERTIFICATE", .noCertificate), ("CERTIFICATE_VERIFY_FAILED", .untrusted),
            ("PSK_IDENTITY_NOT_FOUND", .unknownIdentity), ("BAD_RECORD_MAC", .wrongKey),
            ("DIGEST_CHECK_FAILED", .wrongKey), ("BAD_DECRYPT", .wrongKey), ("UNSUPPORTED_PROTOCOL", .noCommonGround),
            ("NO_SHARED_CIPHER", .noCommonGround), ("NO_SHARED_GROUP", .noCommonGround),
            ("NO_COMMON_SIGNATURE_ALGORITHMS", .noCommonGround), ("INAPPROPRIATE_FALLBACK", .noCommonGround),
            ("WRONG_VERSION_NUMBER", .noCommonGround), ("_ALERT_", .refusedByPeer),
        ]
        self = reasons.first { text.contains($0.0) }?.1 ?? (cause == .zeroReturn ? .abandoned : .other)
    }
}
