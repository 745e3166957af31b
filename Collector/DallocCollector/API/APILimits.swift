// SPDX-License-Identifier: Apache-2.0
//
// Limits for clients of the API.

public struct APILimits: Sendable {
    /// Connections at a time. One that waits for a request gives way to a new one; when all of them are busy, new ones are told so.
    public var connections = 256
    /// Names by which the API may be called, beside those of loopback and the address that it listens on.
    public var hosts: [String] = []
    /// Seconds from the first byte of a request until its head is complete.
    public var headTimeout: Int64 = 10
    /// Seconds that a connection may wait for its next request.
    public var idleTimeout: Int64 = 60
    /// Seconds that a client may read nothing of its answer, and that it may take longer than at ``slowestReading``.
    public var unreadTimeout: Int64 = 30

    /// Frames are taken in bodies: ``IngestAPI``.
    public var takesFrames = false

    /// Bytes of such a body.
    static let body = 8_388_608
    /// Bytes of a body that says what is wanted of a device, and seconds in which it must come.
    static let (wish, wishTimeout) = (1024, Int64(10))
    /// The slowest average at which a client may read, in bytes a second: a line of 256 kbit/s.
    static let slowestReading = 32_768
    /// Bytes of a request's head, and of those that answers under way may keep in memory together.
    static let head = 32_768
    static let answers = 134_217_728
    /// Seconds from a question to its answer, with the time that it waits.
    static let question: Int64 = 40
    /// Seconds until a client that has closed its side is taken for gone. Some close it and still read the answer.
    static let farewell: Int64 = 1

    public init() {}
}
