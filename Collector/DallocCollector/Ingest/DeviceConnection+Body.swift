// SPDX-License-Identifier: Apache-2.0
//
// Takes a body of frames as if a device had sent it on a line, and then hung up. Replies are those that it needs at its end: a WELCOME for
// each HELLO, and for each boot one ACK and, where its table is not known, one REQUEST.

internal import HeapWire
internal import NIOCore

extension DeviceConnection {
    /// Returns why not all of the body was taken; nil when it was. What was taken is on disk then.
    mutating func take<Body: AsyncSequence>(_ body: Body) async -> ConnectionEnd? where Body.Element == ByteBuffer {
        var end = ConnectionEnd?.none
        do {
            for try await chunk in body {
                end = try await receive(chunk)
                if end != nil { break }
                try await rest(after: chunk.readableBytes)
                line.hear()
            }
            answerBody()
        } catch {
            end = error is ChannelError || error is IOError || error is CancellationError ? .peer : .failed
        }
        end = line.end ?? end
        rejections.endBurst()
        if let device = session.device { await context.registry.release(device, token: token) }
        context.metrics.closedConnections.add(end ?? .peer)
        return end
    }

    /// Takes a piece of a recording. What was taken is on disk then.
    mutating func take(piece: ByteBuffer) async throws {
        _ = try await receive(piece)
        line.hear()
    }

    /// The recording is over.
    mutating func endRecording() async {
        rejections.endBurst()
        if let device = session.device { await context.registry.release(device, token: token) }
    }

    /// What a boot needs to be told, before the next one greets and at the end of the body.
    mutating func answerBody() {
        guard let tally, tally.isUnanswered else { return }
        tally.isUnanswered = false
        answer(hasNews: false)
        if let request = session.requestOfUnknownTable { line.send { request.write(to: &$0) } }
    }
}
