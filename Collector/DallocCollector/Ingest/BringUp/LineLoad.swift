// SPDX-License-Identifier: Apache-2.0
//
// What a device's frames take of the line, by the device's own clock: frames that waited for a collector come faster than they were made.

internal import HeapHistory

public struct LineLoad: Equatable, Sendable {
    public private(set) var operations = 0
    public private(set) var bytes = 0
    private var first: Int64?
    private var last: Int64 = 0

    /// Microseconds that must have passed before the figures mean something.
    private static let shortest: Int64 = 1_000_000

    /// - Parameters:
    ///   - time: the moment that the frame tells of, in microseconds.
    ///   - operations: since the heap's frame before.
    ///   - bytes: of the frame on the line.
    mutating func add(at time: Int64, operations: Int, bytes: Int) {
        guard first != nil else {
            (first, last) = (time, time)
            return
        }
        last = max(last, time)
        self.operations = self.operations.addingClamped(operations)
        self.bytes = self.bytes.addingClamped(bytes)
    }

    var hasBegun: Bool { first != nil }

    /// How long it was measured; nil when that is too short.
    public var seconds: Double? {
        guard let first, case let length = last.subtractingClamped(first), length >= Self.shortest else { return nil }
        return Double(length) / 1_000_000
    }

    public var operationsPerSecond: Double? { seconds.map { Double(operations) / $0 } }
    public var bytesPerSecond: Double? { seconds.map { Double(bytes) / $0 } }

    /// Of a line that takes ten bits for a byte: a start bit, eight bits and a stop bit.
    public func percent(ofBaud baud: UInt32) -> Double? {
        bytesPerSecond.map { $0 * 1000 / Double(max(1, baud)) }
    }
}
