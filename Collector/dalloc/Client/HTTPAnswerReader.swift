// SPDX-License-Identifier: Apache-2.0
//
// Reads the answer to a GET of HTTP/1.1 (RFC 9112), in whatever pieces it comes. Does no input or output itself: bytes
// go in, and ``answer`` is there when they make a whole one.

struct HTTPAnswerReader {
    /// The whole answer, once it has come.
    private(set) var answer: HTTPAnswer?

    private enum Stage {
        case head
        /// So many bytes of the body are still to come.
        case body(Int)
        case untilClosed
        case chunkSize
        case chunk(Int)
        /// The line end after a chunk.
        case chunkEnd
        case trailer
    }

    /// More than any head, chunk size or trailer has.
    private static let longestLines = 65_536

    private let longestBody: Int
    private var stage = Stage.head
    /// Bytes that wait for the rest of their line.
    private var line: [UInt8] = []
    private var lineBytes = 0
    private var status: Int?
    private var headers: [String: String] = [:]
    private var body: [UInt8] = []

    /// More than any body has.
    static let most = 1 << 30

    init(longestBody: Int = HTTPAnswerReader.most) { self.longestBody = longestBody }

    /// Takes bytes as they come. What follows a whole answer is ignored.
    mutating func feed(_ bytes: ArraySlice<UInt8>) throws(HTTPFailure) {
        var rest = bytes
        while answer == nil, !rest.isEmpty {
            switch stage {
            case .body(let count): stage = .body(count - (try take(count, from: &rest)))
            case .chunk(let count): stage = .chunk(count - (try take(count, from: &rest)))
            case .untilClosed: _ = try take(.max, from: &rest)
            case .head, .chunkSize, .chunkEnd, .trailer:
                guard let line = try takeLine(from: &rest) else { return }
                try read(line)
            }
            if case .body(0) = stage { finish() }
            if case .chunk(0) = stage { stage = .chunkEnd }
        }
    }

    /// The connection has ended: an answer whose length nothing else tells is whole.
    mutating func end() throws(HTTPFailure) {
        guard answer == nil else { return }
        if case .untilClosed = stage { return finish() }
        if case .head = stage, status == nil, line.isEmpty { throw .closed }
        if case .head = stage, status == nil { throw .notHTTP("it ended within its first line") }
        throw .brokeOff
    }

    private mutating func take(_ most: Int, from rest: inout ArraySlice<UInt8>) throws(HTTPFailure) -> Int {
        let taken = rest.prefix(most)
        guard taken.count <= longestBody - body.count else { throw .tooLarge }
        body += taken
        rest = rest.dropFirst(taken.count)
        return taken.count
    }

    /// A line without its end; nil when the end has not come.
    private mutating func takeLine(from rest: inout ArraySlice<UInt8>) throws(HTTPFailure) -> [UInt8]? {
        let part = rest.prefix { $0 != UInt8(ascii: "\n") }
        lineBytes += part.count + 1
        guard lineBytes <= Self.longestLines else { throw .notHTTP("its head does not end") }
        line += part
        try refuseOtherProtocols()
        guard part.count < rest.count else {
            rest = []
            return nil
        }
        rest = rest.dropFirst(part.count + 1)
        defer { line = [] }
        return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    }

    /// As early as possible: a port of another kind may never send a line's end.
    private func refuseOtherProtocols() throws(HTTPFailure) {
        guard case .head = stage, status == nil else { return }
        let start = Array("HTTP/1.".utf8)
        guard zip(line, start).allSatisfy({ $0 == $1 }) else { throw .notHTTP("it is not HTTP") }
    }

    private mutating func read(_ line: [UInt8]) throws(HTTPFailure) {
        let text = String(decoding: line, as: UTF8.self)
        switch stage {
        case .head:
            if status == nil {
                status = try Self.status(text)
            } else if line.isEmpty {
                try beginBody()
            } else {
                try readHeader(text)
            }
        case .chunkSize:
            let digits = text.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }
            guard digits.utf8.count <= 8, digits.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                let size = Int(digits, radix: 16)
            else { throw .notHTTP("a part of it has no length") }
            lineBytes = 0
            stage = size == 0 ? .trailer : .chunk(size)
        case .chunkEnd:
            guard line.isEmpty else { throw .notHTTP("a part of it is longer than it says") }
            stage = .chunkSize
        case .trailer:
            if line.isEmpty { finish() }
        case .body, .untilClosed, .chunk: break
        }
    }

    private static func status(_ line: String) throws(HTTPFailure) -> Int {
        // `HTTP/1.1 200 OK`
        let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count >= 2, words[1].utf8.count == 3, let status = UInt16(words[1]), (100...999).contains(status)
        else { throw .notHTTP("it has no status") }
        return Int(status)
    }

    private mutating func readHeader(_ text: String) throws(HTTPFailure) {
        guard let colon = text.firstIndex(of: ":") else { throw .notHTTP("its head has a line without a colon") }
        let name = text[..<colon].lowercased()
        let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        headers[name] = String(value.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }

    private mutating func beginBody() throws(HTTPFailure) {
        guard let status else { return }
        lineBytes = 0
        // 100 Continue and its like announce the answer.
        if status < 200 {
            (self.status, headers) = (nil, [:])
        } else if status == 204 || status == 304 {
            finish()
        } else if let coding = headers["transfer-encoding"] {
            guard coding.lowercased() == "chunked" else { throw .notHTTP("its transfer coding is not known here") }
            stage = .chunkSize
        } else if let text = headers["content-length"] {
            guard text.utf8.allSatisfy({ (48...57).contains($0) }), let length = Int(text) else {
                throw .notHTTP("its length is no number")
            }
            guard length <= longestBody else { throw .tooLarge }
            stage = .body(length)
            if length == 0 { finish() }
        } else {
            stage = .untilClosed
        }
    }

    private mutating func finish() {
        answer = HTTPAnswer(status: status ?? 0, headers: headers, body: body)
        body = []
    }
}
