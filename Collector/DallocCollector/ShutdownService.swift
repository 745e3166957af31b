// SPDX-License-Identifier: Apache-2.0
//
// Says that the collector is ready. It is the first to hear that it must stop: it ends waits for the disk, and forces an end
// that does not come in time.

internal import Foundation
internal import Logging
internal import NIOCore
internal import ServiceLifecycle

struct ShutdownService: Service {
    let pause: WritePause
    let logger: Logger
    /// What to log once signals are handled: a reader of the log may send one at once.
    let ready: Logger.Metadata

    /// Seconds that connections have to end, and that all of it may take.
    static let grace: Int64 = 10
    static let longest: TimeInterval = 25

    func run() async throws {
        logger.info("the collector is ready", metadata: ready)
        try? await gracefulShutdown()
        // What can't be written now will not be in ten seconds.
        if pause.cause != nil { pause.stop() }
        let (pause, logger) = (pause, logger)
        let end = Thread {
            Thread.sleep(forTimeInterval: Double(Self.grace) / 2)
            pause.stop()
            Thread.sleep(forTimeInterval: Self.longest - Double(Self.grace) / 2)
            logger.critical("the collector did not end by itself: it is ended now; nothing unstored was acknowledged")
            // EX_TEMPFAIL, as everywhere where devices still have what was not stored.
            _exit(75)
        }
        end.start()
    }
}
