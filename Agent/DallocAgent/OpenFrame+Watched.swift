// SPDX-License-Identifier: Apache-2.0
//
// Packs what a watch has recorded.

internal import HeapWire

extension OpenFrame {
    /// Packs all of so many recorded bytes.
    mutating func takeWatched(
        _ operations: UnsafePointer<UInt8>, count: Int, shift: UInt32, hasCallSites: Bool
    ) {
        var reader = RecordReader(operations, callSite: callSite)
        let end = operations + count
        while reader.next < end {
            let kind = reader.passHead(to: &encoder)
            if kind == .failed {
                let why = reader.number()
                encoder.why(why)
                let size = reader.size()
                if why != 2 { encoder.size(size) }
            }
            if kind == .alloc { encoder.size(reader.size()) }
            if kind == .alloc || kind == .free || kind == .resize { reader.owner(&encoder, shift: shift) }
            if kind == .resize {
                encoder.size(reader.size())
                let isMoved = reader.byte() != 0
                encoder.isMoved(isMoved)
                if isMoved { reader.owner(&encoder, shift: shift) }
            }
            if hasCallSites, kind == .alloc || kind == .failed { reader.site(&encoder) }
        }
        callSite = reader.callSite
    }
}
