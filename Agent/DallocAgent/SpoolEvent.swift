// SPDX-License-Identifier: Apache-2.0

/// What an agent asks of its spool, through `serve` of dalloc_spool_t: so that only a program that sets a spool carries the code.
/// WELCOME and ACK come as their ``FrameType``.
enum SpoolEvent {
    /// At the beginning of a poll: look through what the spool holds.
    static var poll: UInt32 { 0 }
    /// The transmit buffer has no room for a frame of this recorder: move its frames to the spool. Not 0 when it has now.
    static var makeRoom: UInt32 { 1 }
    /// Compose HELLO in a window of 31 bytes, from byte `number` of the frame on. Returns the bytes of all of it; 0 when it must wait.
    static var hello: UInt32 { 2 }
    /// Send. Less than 0 when the line was lost.
    static var write: UInt32 { 3 }
    /// The agent ends.
    static var end: UInt32 { 4 }
}
