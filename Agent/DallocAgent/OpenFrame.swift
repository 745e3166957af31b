// SPDX-License-Identifier: Apache-2.0
//
// A DELTA that is being written, after the last frame in the transmit buffer. Each poll packs what was recorded since the
// one before; so a small recorder makes large frames, and the packing takes no time of the program's.

internal import CDallocAgent
internal import HeapWire

struct OpenFrame {
    var encoder: OperationEncoder
    /// Of the operation that was packed last; 0 at the start.
    var callSite: UInt = 0
    /// The low bits of the tick that it begins with.
    let tick: UInt32

    init(_ writer: FrameWriter, tick: UInt32) { (encoder, self.tick) = (OperationEncoder(writer), tick) }

    /// Bytes that it may still get, when so many bytes are recorded, its end included. In the long run an operation takes half as
    /// much again there at most: a free that is recorded in two bytes, kind 2 bits, ticks 5, a depth 17. The hundred bytes are for
    /// numbers that are written in too many bits, as larger ones came before: those of ticks get one fewer after 4
    /// operations, those of a depth after 8, and a deep one takes 19 bytes at most to get them. Of operations that come fast
    /// after slow ones, and of far addresses, there may be more: ``FrameCutter/finishFrame(at:)`` looks whether the frame had room.
    @inline(never)
    static func room(for recorded: Int) -> Int { HeapState.longest &+ 100 &+ recorded &+ recorded &>> 1 }

    /// Bytes of what tells how full the recorder got, at most: kind 7 bits, ticks 64, number, length, and two numbers of 2 bytes.
    static var longestFill: Int { 15 }

    /// Packs all of so many recorded bytes.
    @inline(never)
    mutating func take(_ operations: UnsafePointer<UInt8>, count: Int) {
        var reader = RecordReader(operations, callSite: callSite)
        let end = operations + count
        var next = operations
        while next < end {
            next = reader.pass(to: &encoder)
        }
        callSite = reader.callSite
    }
}
