// SPDX-License-Identifier: Apache-2.0

/// Writes the operations of a DELTA. Remembers what the next one is written relative to.
public struct OperationWriter {
    public var owners: OwnerCode
    /// The call site written last; 0 at the start of a frame.
    public var callSite: UInt64
    private let hasCallSites: Bool

    @inline(__always)
    public init(owners: OwnerCode, callSite: UInt64 = 0, hasCallSites: Bool = false) {
        (self.owners, self.callSite, self.hasCallSites) = (owners, callSite, hasCallSites)
    }

    /// Starts a frame.
    public init(layout: HeapLayout) {
        self.init(
            owners: OwnerCode(baseAddress: layout.baseAddress, pointerWidth: layout.pointerWidth),
            hasCallSites: layout.hasCallSites)
    }

    /// Writes an operation, `elapsed` ticks after the one before it, at `bytes`, which must have room for
    /// ``Operation/longest``. Returns the bytes that it took.
    public mutating func write(
        _ operation: Operation, elapsed: UInt32, to bytes: UnsafeMutablePointer<UInt8>
    ) -> Int {
        write(fields: operation.fields, elapsed: elapsed, to: bytes)
    }

    /// Writes an operation, `elapsed` ticks after the one before it. Returns the bytes that it took.
    @inline(__always)
    public mutating func write(
        fields: OperationFields, elapsed: UInt32, to bytes: UnsafeMutablePointer<UInt8>
    ) -> Int {
        let far = OperationCode.farTicks
        let ticks = elapsed < far ? elapsed : far
        bytes[0] = fields.head | UInt8(truncatingIfNeeded: ticks &<< 4)
        // Within the room that the caller gives: at most ``longest`` bytes are written.
        var end = bytes + 1
        if elapsed >= far { end += Varint.write(elapsed &- far, to: end) }
        if fields.presence.has(.first) { end += Varint.write(fields.first, to: end) }
        if fields.presence.has(.second) { end += Varint.write(fields.second, to: end) }
        if fields.presence.has(.owner) { end += owners.write(fields.owner, to: end) }
        if hasCallSites, fields.presence.has(.callSite) {
            end += Varint.write(Varint.zigzag(Int64(bitPattern: fields.callSite &- callSite)), to: end)
            callSite = fields.callSite
        }
        return end - bytes
    }
}
