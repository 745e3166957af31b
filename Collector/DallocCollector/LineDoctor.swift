// SPDX-License-Identifier: Apache-2.0
//
// Listens on a serial line, and says what is wrong with it.

internal import Foundation
internal import NIOCore
internal import NIOPosix

public struct LineDoctor: Sendable {
    private let plan: LineDiagnosis.Plan
    private let speed: SerialPort.Speed

    /// Those that a line may have.
    public static var speeds: [UInt32] { SerialPort.Speed.known }

    /// - Parameters:
    ///   - baud: one of speeds.
    ///   - seconds: how long to listen; 15 where not said, and up to 70 then while frames come without HELLO.
    ///   - searches: tries other speeds when no frame comes at this one.
    ///   - endsEarly: ends as soon as all is well.
    /// - Throws: StartFailure when there is no such speed.
    public init(
        path: String, baud: UInt32, seconds: Int?, searches: Bool = true, endsEarly: Bool = true
    ) throws {
        plan = LineDiagnosis.Plan(
            path: path, baud: baud, seconds: seconds ?? 15, isPatient: seconds == nil, searches: searches,
            endsEarly: endsEarly)
        do throws(SerialPort.Failure) {
            speed = try SerialPort.Speed(baud: baud)
        } catch {
            throw StartFailure(kind: .serialLine, description: error.description)
        }
    }

    /// Listens until enough is known, or SIGINT or SIGTERM comes.
    /// - Parameter progress: called now and then, on a thread of its own.
    /// - Throws: StartFailure when the line can't be opened.
    public func examine(_ progress: @escaping @Sendable (LineProgress) -> Void) async throws -> LineReport {
        let descriptor: CInt
        do throws(SerialPort.Failure) {
            descriptor = try SerialPort.open(plan.path, speed)
        } catch {
            throw StartFailure(kind: .serialLine, description: error.description)
        }
        // What waited in the kernel is from another time, and perhaps from another speed.
        tcflush(descriptor, TCIFLUSH)
        // NIO owns the descriptor; the speed is changed by another one of the same line.
        let control = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        defer { close(control) }
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let outcome = loop.makePromise(of: LineReport.self)
        let tune = { @Sendable (baud: UInt32) -> Bool in
            (try? SerialPort.tune(control, to: SerialPort.Speed(baud: baud))) != nil
        }
        let channel: any Channel
        do {
            channel = try await NIOPipeBootstrap(group: loop)
                .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 2048))
                .channelInitializer { [plan] channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            LineDoctorHandler(plan, outcome: outcome, tune: tune, progress: progress))
                    }
                }
                .takingOwnershipOfDescriptor(inputOutput: descriptor).get()
        } catch {
            close(descriptor)
            outcome.fail(error)
            throw error
        }
        StopSignals.handle { channel.pipeline.fireUserInboundEventTriggered(LineDoctorHandler.Stop()) }
        let report = try await outcome.futureResult.get()
        try? await channel.close()
        return report
    }
}
