// What the history knows of a boot when its device greets: where to go on, and what its heaps' tables were.

internal import HeapHistory
internal import HeapWire

struct OpenedBoot: Sendable {
    struct OpenedHeap: Sendable {
        var id: Int64
        var announced: DeviceHello.AnnouncedHeap
        var material: ReplayMaterial
        var lastFrame: StoredFrame?
        var lastExactSequence: UInt32
        var lastExactTime: Timestamp?
        var openGap: GapRecord?
    }

    var id: Int64
    var clock: BootClock
    /// The last frame that is on disk; 0 when there is none.
    var lastSequence: UInt32
    var heaps: [OpenedHeap]
}
