// SPDX-License-Identifier: Apache-2.0
//
// Stands after TLS: takes note of who the peer is, and of what went wrong. What comes after it sees bytes, and an end.

internal import Glibc
internal import NIOCore
internal import NIOSSL
internal import NIOTLS

final class HandshakeWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let handshake: Handshake
    /// Gets the first thing that went wrong in the handshake.
    private let failed: @Sendable (HandshakeFailure) -> Void

    init(_ handshake: Handshake, failed: @escaping @Sendable (HandshakeFailure) -> Void) {
        (self.handshake, self.failed) = (handshake, failed)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent, let failure = complete(context) {
            note(failure)
            return context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// What is wrong with what the handshake has proved; nil when nothing is.
    private func complete(_ context: ChannelHandlerContext) -> HandshakeFailure? {
        let certificate = try? context.channel.pipeline.syncOperations.nioSSL_peerCertificate()
        // A session that is resumed has the certificate of its beginning.
        if let certificate, certificate.notValidAfter < time(nil) { return .untrusted }
        // Nobody asks for a key where one is resumed.
        return handshake.complete(names: certificate.map { Self.names(of: $0) }) ? nil : .resumed
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if handshake.isDone { context.fireChannelRead(data) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !handshake.isDone {
            note(error is HandshakeGate.SpeaksNoTLS ? .plaintext : HandshakeFailure(error))
        }
        // A peer that hangs up without a word of TLS is one that hangs up: each frame has a checksum.
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !handshake.isDone { note(.abandoned) }
        context.fireChannelInactive()
    }

    private func note(_ failure: HandshakeFailure) {
        if handshake.fail(failure), let failure = handshake.failure { failed(failure) }
    }

    /// DNS names and URIs, as they are written: no part of them stands for others.
    static func names(of certificate: NIOSSLCertificate) -> Set<String> {
        var names: Set<String> = []
        for name in certificate._subjectAlternativeNames() {
            guard name.nameType == .dnsName || name.nameType == .uri else { continue }
            let bytes = name.contents.withUnsafeBufferPointer { Array($0) }
            if let text = String(validating: bytes, as: UTF8.self) { names.insert(text) }
        }
        return names
    }
}
