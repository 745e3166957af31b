// SPDX-License-Identifier: Apache-2.0
//
// HTTP as bytes on a socket: what clients send that Foundation would not, and when they read, or don't.

import Foundation
import TestSupport

struct RawAnswer {
    var status: Int
    /// By their names in lower case.
    var headers: [String: String]
    var body: String
    var bodyBytes: [UInt8]

    /// Nil when the bytes are no complete answer. `isHead`: an answer without a body, whatever its length says.
    init?(_ bytes: [UInt8], isHead: Bool = false) {
        guard let end = Data(bytes.prefix(65_536)).firstRange(of: Data("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count >= 2, let status = Int(words[1]) else { return nil }
        self.status = status
        headers = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces)
        }
        bodyBytes = Array(bytes[end.upperBound...])
        if !isHead, status != 204 {
            if let length = headers["content-length"] {
                guard Int(length) == bodyBytes.count else { return nil }
            } else {
                guard bodyBytes.suffix(5) == Array("0\r\n\r\n".utf8)[...] else { return nil }
            }
        }
        body = String(decoding: bodyBytes, as: UTF8.self)
    }
}

extension Socket {
    func ask(_ path: String, method: String = "GET", host: String? = "localhost") {
        send(Array("\(method) \(path) HTTP/1.1\r\n\(host.map { "Host: \($0)\r\n" } ?? "")\r\n".utf8))
    }

    /// The head of a request whose body follows.
    func beginPost(
        _ length: String, accept: String = "*/*", type: String = "application/octet-stream",
        path: String = "/v1/ingest", method: String = "POST"
    ) {
        let lines = ["Host: localhost", "Accept: \(accept)", "Content-Type: \(type)", length]
        send(Array("\(method) \(path) HTTP/1.1\r\n\(lines.joined(separator: "\r\n"))\r\n\r\n".utf8))
    }

    /// The answer to what was asked; nil when the connection ended without one.
    func answer(isHead: Bool = false) async throws -> RawAnswer? {
        // Data, because a debug build takes long to append to an array of megabytes.
        var (bytes, answer): (Data, RawAnswer?) = (Data(), nil)
        let begin = Date.now
        try await wait(for: "an answer", pause: .zero) {
            if Date.now.timeIntervalSince(begin) > 30 {
                let tail = String(decoding: bytes.suffix(200), as: UTF8.self)
                throw TimedOut(
                    description: "an answer is not whole after 30 s: \(bytes.count) bytes, at the end \(tail)")
            }
            guard let more = receive(milliseconds: 20) else { return false }
            bytes.append(contentsOf: more)
            if more.isEmpty || bytes.suffix(4) == Data([13, 10, 13, 10]) || bytes.last == UInt8(ascii: "}")
                || bytes.last == UInt8(ascii: "\n") || bytes.last == 0
            {
                answer = RawAnswer(Array(bytes), isHead: isHead)
            }
            return more.isEmpty || answer != nil
        }
        return answer
    }

    /// The peer hangs up.
    func isHungUp() -> Bool {
        while let bytes = receive(milliseconds: 20) {
            if bytes.isEmpty { return true }
        }
        return false
    }
}

extension RunningCollector {
    /// Sends a body, of frames unless told otherwise, on a connection of its own.
    func post(
        _ frames: [UInt8], accept: String = "*/*", type: String = "application/octet-stream",
        path: String = "/v1/ingest", method: String = "POST"
    ) async throws -> RawAnswer? {
        let socket = try Socket(connectedTo: apiPort)
        defer { socket.close() }
        socket.beginPost("Content-Length: \(frames.count)", accept: accept, type: type, path: path, method: method)
        socket.send(frames)
        return try await socket.answer()
    }

    /// One question on a connection of its own.
    func ask(_ path: String, method: String = "GET", host: String? = "localhost") async throws -> RawAnswer? {
        let socket = try Socket(connectedTo: apiPort)
        defer { socket.close() }
        socket.ask(path, method: method, host: host)
        return try await socket.answer(isHead: method == "HEAD")
    }

    /// A figure of the process from /proc: `VmRSS` in KB, and the like.
    func status(_ field: String) -> Int {
        let text = (try? String(contentsOfFile: "/proc/\(program.identifier)/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(field + ":") }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
    }

    /// Seconds of CPU that it has used.
    var cpu: Double { Self.cpu(of: program.identifier) }

    static func cpu(of process: Int32) -> Double {
        let text = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
        let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Files and sockets that it has open, by what each is.
    private var opened: [String] {
        let folder = "/proc/\(program.identifier)/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.map { (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")) ?? "" }
    }

    var descriptors: Int { opened.count }

    var sockets: Int { opened.count { $0.hasPrefix("socket:") } }
}
