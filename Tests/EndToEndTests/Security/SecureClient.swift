// SPDX-License-Identifier: Apache-2.0
//
// A TLS client that is not ours: openssl's. What is sent to its socket goes through it, and what comes through it can be received there.

import Foundation
import TestSupport

final class SecureClient {
    let socket: Socket
    private let process = Process()
    private let errorPath: String

    /// - Parameter options: of `s_client`.
    init(port: Int, _ options: [String], in scratch: Scratch) throws {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
            throw Socket.Failure(call: "socketpair", code: errno)
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        socket = Socket(descriptor: ends[0])
        errorPath = scratch["s_client-\(UUID().uuidString.prefix(8)).err"]
        _ = FileManager.default.createFile(atPath: errorPath, contents: nil)
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = ["s_client", "-quiet", "-connect", "127.0.0.1:\(port)"] + options
        let end = FileHandle(fileDescriptor: ends[1], closeOnDealloc: false)
        (process.standardInput, process.standardOutput) = (end, end)
        process.standardError = FileHandle(forWritingAtPath: errorPath)
        try process.run()
        Foundation.close(ends[1])
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        socket.close()
    }

    var errors: String { (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "" }
    var isRunning: Bool { process.isRunning }

    /// It has no connection any more.
    func waitUntilOver() async throws {
        try await wait(for: "openssl to end") { !self.process.isRunning }
    }
}
