// SPDX-License-Identifier: Apache-2.0
//
// Stands before TLS: turns away what is no TLS, and says whose bytes are being worked on. TLS asks for a peer's key in the midst of a
// read, without saying which connection it asks for.

internal import NIOCore
internal import NIOPosix

final class HandshakeGate: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// The first byte was not that of a TLS record.
    struct SpeaksNoTLS: Error {}

    /// Of the connection whose bytes this thread works on.
    private static let current = ThreadSpecificVariable<Handshake>()

    private let handshake: Handshake
    private var isFirst = true

    init(_ handshake: Handshake) { self.handshake = handshake }

    static var handshakeInProgress: Handshake? { current.currentValue }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isFirst {
            isFirst = false
            // The type of the first record: a handshake.
            if unwrapInboundIn(data).readableBytesView.first != 22 {
                context.fireErrorCaught(SpeaksNoTLS())
                context.close(promise: nil)
                return
            }
        }
        Self.current.currentValue = handshake
        context.fireChannelRead(data)
        Self.current.currentValue = nil
    }
}
