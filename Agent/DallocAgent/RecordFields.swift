// SPDX-License-Identifier: Apache-2.0
//
// An operation as a recorder keeps it until the next poll, quickly written. Nobody but the agent reads it: a byte with the
// kind and the ticks since the operation before, or 15 when a number with the rest follows; then its fields, as numbers.

internal import HeapWire

struct RecordFields {
    let kind: OperationKind
    /// Or why an allocation failed.
    var depth: UInt32 = 0
    var size: UInt32 = 0
    var owner: UInt = 0
    /// The variable that owned the block until now; 0 for an orphan.
    var left: UInt = 0
    var callSite: UInt = 0

    // On the line they are skipped operations, whose numbers are ten less.
    static var pin: OperationKind { OperationKind(number: 12) }
    static var unpin: OperationKind { OperationKind(number: 13) }

    /// The ticks that fit into the first byte are fewer.
    static var farTicks: UInt32 { 15 }
    /// Sizes that two bytes have room for are smaller.
    static var farSize: UInt32 { 0xFFFF }
}
