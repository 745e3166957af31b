// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import dalloc

@Suite struct HTTPAnswerReaderTests {
    /// The answer when the bytes come in pieces of a size.
    private func read(
        _ text: String, pieces: Int = 1, longestBody: Int = 100, ends: Bool = true
    ) throws(HTTPFailure) -> HTTPAnswer? {
        var reader = HTTPAnswerReader(longestBody: longestBody)
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            try reader.feed(rest.prefix(pieces))
            rest = rest.dropFirst(pieces)
        }
        if ends { try reader.end() }
        return reader.answer
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcxyz", "abc"),
        ("HTTP/1.0 200 OK\n\nabc", "abc"),
        ("HTTP/1.1 200\r\ncontent-length:0\r\n\r\n", ""),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2;x=y\r\nab\r\n01\r\nc\r\n0\r\nA: b\r\n\r\n", "abc"),
        ("HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "abc"),
        ("HTTP/1.1 200 OK\r\nX: \r\nContent-Length: \t3 \r\n\r\nabc", "abc"),
    ])
    func answersAreReadInWhateverPiecesTheyCome(_ text: String, _ body: String) throws {
        for pieces in 1...(text.utf8.count) {
            let answer = try read(text, pieces: pieces)
            #expect(answer?.status == 200)
            #expect(answer.map { String(decoding: $0.body, as: UTF8.self) } == body, "in pieces of \(pieces)")
        }
    }

    @Test func anAnswerIsThereWithoutTheEndOfTheConnection() throws {
        #expect(try read("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", ends: false) != nil)
        #expect(try read("HTTP/1.1 204 No Content\r\n\r\n", ends: false)?.status == 204)
    }

    @Test func headersHaveSmallNames() throws {
        let answer = try read("HTTP/1.1 503 x\r\nRetry-After:  7 \r\nContent-Length: 0\r\n\r\n")
        #expect(answer?.headers["retry-after"] == "7")
    }

    @Test(arguments: [
        "x", "HTTP/2", "\u{16}\u{3}\u{1}", "HTTP/1.1 99 x\r\n", "HTTP/1.1 2000 x\r\n", "HTTP/1.1\r\n",
        "HTTP/1.1 200 OK\r\nnonsense\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
    ])
    func whatIsNotHTTPIsKnownAtOnce(_ text: String) {
        #expect { try read(text, ends: false) } throws: {
            if case .notHTTP = $0 as? HTTPFailure { true } else { false }
        }
    }

    @Test func aHeadWithoutAnEndIsRefused() {
        let endless = "HTTP/1.1 200 OK\r\n" + String(repeating: "a: b\r\n", count: 20_000)
        #expect(throws: HTTPFailure.notHTTP("its head does not end")) { try read(endless, pieces: 4096) }
        let long = "HTTP/1.1 200 OK\r\na: " + String(repeating: "b", count: 70_000)
        #expect(throws: HTTPFailure.notHTTP("its head does not end")) { try read(long, pieces: 4096) }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "a", count: 101),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + String(repeating: "a", count: 101),
    ])
    func moreThanAnyAnswerHasIsRefused(_ text: String) {
        #expect(throws: HTTPFailure.tooLarge) { try read(text, pieces: 50) }
    }

    @Test(arguments: [
        ("", HTTPFailure.closed), ("HTTP/1.1 20", .notHTTP("it ended within its first line")),
        ("HTTP/1.1 200 OK\r\nA", .brokeOff), ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na", .brokeOff),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n", .brokeOff),
    ])
    func anAnswerThatEndsTooEarlyIsNone(_ text: String, _ failure: HTTPFailure) {
        #expect(throws: failure) { try read(text) }
    }
}
