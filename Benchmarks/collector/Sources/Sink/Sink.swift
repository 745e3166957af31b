// SPDX-License-Identifier: Apache-2.0
//
// The floor of receiving: a listener on SwiftNIO that reads everything and does nothing with it.
//
//   sink     tells on stderr the port on which it listens, and listens until it is killed

import Foundation
import NIOCore
import NIOPosix

final class Discard: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

@main
enum Sink {
    static func main() async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Discard()) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        FileHandle.standardError.write(Data("port \(listener.localAddress?.port ?? 0)\n".utf8))
        try await listener.closeFuture.get()
    }
}
