// SPDX-License-Identifier: Apache-2.0
//
// Sends an answer while it is written: a long one is never in memory as text, and waits while its client doesn't read.

internal import HTTPTypes
internal import HeapHistory
internal import Hummingbird
internal import NIOCore

extension Response {
    static let json = "application/json; charset=utf-8"
    /// Bytes that are sent at a time. A client that takes longer for them than ``APILimits/unreadTimeout`` is cut off.
    private static let slice = 65_536

    /// - Parameter lease: of the memory that the list takes.
    init(_ list: some JSONList, _ lease: AnswerMemory.Lease) {
        var writer = JSONWriter()
        list.writeBeginning(to: &writer)
        let first = list.elements.prefix(100)
        for element in first { element.write(to: &writer) }
        guard first.count < list.elements.count else {
            list.writeEnd(to: &writer)
            self.init(
                status: .ok, headers: [.contentType: Self.json], body: ResponseBody(byteBuffer: writer.takeBuffer()))
            return
        }
        let (beginning, count) = (writer.takeBuffer(), first.count)
        self.init(
            status: .ok, headers: [.contentType: Self.json],
            body: ResponseBody { body in
                try await body.write(beginning)
                var writer = JSONWriter(reserving: Self.slice + 4096, isWithinList: true)
                for element in list.elements.dropFirst(count) {
                    element.write(to: &writer)
                    if writer.count >= Self.slice { try await body.write(writer.takeBuffer()) }
                }
                list.writeEnd(to: &writer)
                try await body.write(writer.takeBuffer())
                try await body.finish(nil)
                _ = lease
            })
    }

    init(_ value: some JSONWritable, _ status: HTTPResponse.Status, headers: HTTPFields = [:]) {
        var writer = JSONWriter()
        value.write(to: &writer)
        var headers = headers
        headers[.contentType] = Self.json
        self.init(status: status, headers: headers, body: ResponseBody(byteBuffer: writer.takeBuffer()))
    }

    init(_ problem: Problem, headers: HTTPFields = [:]) {
        let status: HTTPResponse.Status =
            switch problem.code {
            case .badRequest: .badRequest
            case .notFound: .notFound
            case .unknownInGap, .connected, .unsupported: .conflict
            case .overloaded: .serviceUnavailable
            case .internalError: .internalServerError
            }
        self.init(problem, status, headers: headers)
    }
}

extension JSONWriter {
    mutating func takeBuffer() -> ByteBuffer {
        defer { removeAll() }
        return withBytes { ByteBuffer(bytes: $0) }
    }
}
