// SPDX-License-Identifier: Apache-2.0
//
// Packs the last operations of a heap that is told of in summaries. SummaryRecorder wrote each as the first one of a frame; in their
// frame, each owner is written relative to the one before it.

internal import CDalloc
internal import CDallocAgent
internal import HeapWire

struct RecentReader {
    private let isWatched: Bool
    private let hasCallSites: Bool
    /// Distances are counted in so many bytes, as a power of two.
    private let shift: UInt32
    /// What each operation's first owner is recorded relative to.
    private let base: UInt
    /// What the next owner is written relative to.
    private var previous: UInt

    private static var pointerWidth: UInt32 { UInt32(truncatingIfNeeded: MemoryLayout<UInt>.size) }

    init(_ recorder: RecorderPointer) {
        base = UInt(bitPattern: recorder.pointee.announced_memory)
        previous = base
        isWatched = recorder.pointee.heap == nil
        if isWatched {
            let watch = dalloc_agent_port_watched(recorder)
            (hasCallSites, shift) = (watch.pointee.config.call_sites, UInt32(watch.pointee.shift))
        } else {
            (hasCallSites, shift) = (dalloc_port_has_call_sites(), Self.pointerWidth == 8 ? 3 : 2)
        }
    }

    /// Packs all of so many recorded bytes.
    mutating func take(_ operations: UnsafePointer<UInt8>, _ count: Int, to encoder: inout OperationEncoder) {
        let end = operations + count
        var next = operations
        while next < end {
            var reader = RecordReader(next, callSite: 0)
            let kind = reader.passHead(to: &encoder)
            if isWatched { watched(kind, &reader, &encoder) } else { owned(kind, &reader, &encoder) }
            // The reader's state is anew, too, where the frame's is.
            if kind == .reset { previous = 0 }
            next = reader.next
        }
    }

    private mutating func owned(
        _ kind: OperationKind, _ reader: inout RecordReader, _ encoder: inout OperationEncoder
    ) {
        let has = kind.lookUpFields()
        if has.has(.depth) { encoder.depth(reader.number()) }
        let why = has.has(.why) ? reader.number() : 0
        if has.has(.why) { encoder.why(why) }
        if has.has(.size) { size(why, &reader, &encoder) }
        if has.has(.owner) { _ = owner(after: base, &reader, &encoder) }
        if hasCallSites, has.has(.callSite) { reader.site(&encoder) }
    }

    private mutating func watched(
        _ kind: OperationKind, _ reader: inout RecordReader, _ encoder: inout OperationEncoder
    ) {
        if kind == .failed {
            let why = reader.number()
            encoder.why(why)
            size(why, &reader, &encoder)
        }
        if kind == .alloc { size(0, &reader, &encoder) }
        if kind == .alloc || kind == .free { _ = owner(after: base, &reader, &encoder) }
        if kind == .resize {
            let old = owner(after: base, &reader, &encoder)
            size(0, &reader, &encoder)
            let isMoved = reader.byte() != 0
            encoder.isMoved(isMoved)
            if isMoved { _ = owner(after: old, &reader, &encoder) }
        }
        if hasCallSites, kind == .alloc || kind == .failed { reader.site(&encoder) }
    }

    private func size(_ why: UInt32, _ reader: inout RecordReader, _ encoder: inout OperationEncoder) {
        let size = reader.size()
        if why != 2 { encoder.size(size) }
    }

    /// Returns it, or what it was recorded relative to where there is none.
    private mutating func owner(
        after recorded: UInt, _ reader: inout RecordReader, _ encoder: inout OperationEncoder
    ) -> UInt {
        let code = reader.number()
        guard code >= RecordOwner.far else {
            encoder.noOwner()
            return recorded
        }
        let isFar = code == RecordOwner.far
        let number = isFar ? reader.word() : UInt(code &- RecordOwner.near)
        let distance = number &>> 1 ^ (0 &- (number & 1))
        let owner = recorded &+ (isFar ? distance : distance &<< UInt(truncatingIfNeeded: shift))
        encoder.owner(owner, after: previous, pointerWidth: Self.pointerWidth, shift: shift)
        previous = owner
        return owner
    }
}
