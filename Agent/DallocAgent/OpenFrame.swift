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

    /// Bytes that it may still get, when so many bytes are recorded, its end included. Operations take two fifths more there
    /// at most, but for some that come fast after slow ones, whose ticks have many bits: ``FrameCutter/finishFrame(at:)`` looks whether the
    /// frame had room for them.
    @inline(never)
    static func room(for recorded: Int) -> Int { HeapState.longest &+ 100 &+ recorded &+ recorded &>> 1 }

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
