// SPDX-License-Identifier: Apache-2.0

public struct Move: Codable, Equatable, Sendable {
    public var time: Timestamp
    public var boot: UInt32
    /// The frame that carried the operation.
    public var sequence: Int
    /// The block's number in its boot; absent when it was allocated inside a gap.
    public var allocation: Int?
    public var from: Address
    public var to: Address
    /// Bytes that were copied, padding included.
    public var bytes: Int
    public var cause: MoveCause

    public init(
        time: Timestamp, boot: UInt32, sequence: Int, allocation: Int?, from: Address, to: Address, bytes: Int,
        cause: MoveCause
    ) {
        (self.time, self.boot, self.sequence, self.allocation) = (time, boot, sequence, allocation)
        (self.from, self.to, self.bytes, self.cause) = (from, to, bytes, cause)
    }
}

extension Move: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("allocation", allocation)
            $0.field("boot", boot)
            $0.field("bytes", bytes)
            $0.field("cause", cause)
            $0.field("from", from)
            $0.field("sequence", sequence)
            $0.field("time", time)
            $0.field("to", to)
        }
    }
}
