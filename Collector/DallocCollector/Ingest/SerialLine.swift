// SPDX-License-Identifier: Apache-2.0
//
// A device on a serial line: opened raw, exclusively, and again whenever it goes away.

internal import Foundation
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

struct SerialLine: Service {
    private let path: String
    private let speed: SerialPort.Speed
    private let context: IngestContext

    /// - Parameter isRequired: a line that can't be opened now is an error; otherwise it is waited for.
    /// - Throws: ``SerialPort/Failure`` also when the path is no tty, or has no such speed.
    init(path: String, baud: UInt32, isRequired: Bool, context: IngestContext) throws {
        (self.path, self.context) = (path, context)
        speed = try SerialPort.Speed(baud: baud)
        // Fails early for what is wrong on the command line.
        do throws(SerialPort.Failure) {
            close(try SerialPort.open(path, speed))
        } catch {
            if isRequired || error.isMistake { throw error }
        }
    }

    func run() async throws {
        var log = SerialLineLog(path: path, log: context.log)
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                let descriptor = try SerialPort.open(path, speed)
                log.opened()
                try await serve(descriptor)
            } catch {
                log.failed(error)
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(1)) }
        }
    }

    private func serve(_ descriptor: CInt) async throws {
        let connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        do {
            connection = try await NIOPipeBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .takingOwnershipOfDescriptor(inputOutput: descriptor) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            close(descriptor)
            throw error
        }
        let channel = connection.channel
        try await connection.executeThenClose { inbound, _ in
            let line = Line(peer: "serial \(path)", address: path, channel: channel)
            var device = await DeviceConnection(context: context, line: line, isPatient: true)
            await withGracefulShutdownHandler {
                await device.serve(inbound)
            } onGracefulShutdown: {
                line.close(.shutdown)
            }
        }
    }
}
