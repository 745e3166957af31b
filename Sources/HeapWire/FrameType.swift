// SPDX-License-Identifier: Apache-2.0

/// The first byte of every payload.
public enum FrameType: UInt8, Sendable {
    case hello = 0x01
    case keyframe = 0x02
    case delta = 0x03
    case welcome = 0x41
    case ack = 0x42
    case request = 0x43

    /// Added to a KEYFRAME or DELTA of another heap than 0, whose number follows.
    static var hasHeap: UInt8 { 0x20 }
}
