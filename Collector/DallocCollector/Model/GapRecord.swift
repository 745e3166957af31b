// SPDX-License-Identifier: Apache-2.0
//
// A part of a heap's history that is missing.

internal import HeapHistory

/// Written when it begins and again when it ends.
struct GapRecord: Sendable, Equatable {
    var heapID: Int64
    var startSequence: UInt32
    var startTime: Timestamp?
    var endSequence: UInt32?
    var endTime: Timestamp?
    var cause: Gap.Cause
    var operations: Int64?
    var frames: Int64?
}
