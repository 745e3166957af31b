// SPDX-License-Identifier: Apache-2.0
//
// The allocators that there are models of, and the model of each for a device's heap.

enum ModelledAllocator: Equatable, Sendable {
    /// This project's own, as it is by default.
    case eager
    /// This project's own; `stepBytes` is the most that one step of compaction moves, 0: no limit.
    case lazy(stepBytes: UInt32)
    case firstFit
    case bestFit
    case twoLevelSegregatedFit
    case heap4

    /// True where the answer is exact up to the first failure. Of the others it is as good as the model.
    var isOwn: Bool {
        switch self {
        case .eager, .lazy: true
        case .firstFit, .bestFit, .twoLevelSegregatedFit, .heap4: false
        }
    }

    /// - Parameters:
    ///   - size: bytes of the heap.
    ///   - alignment: that of the device's heap, a power of two.
    ///   - mostBlocks: the size of its table; nil for one that is never full. The other allocators have none.
    ///   - pointerWidth: bytes of a pointer on the device, 4 or 8.
    func heap(size: UInt32, alignment: UInt32, mostBlocks: UInt32?, pointerWidth: UInt32) -> any HeapModel {
        switch self {
        case .eager: CompactingHeap(size: size, alignment: alignment, mostBlocks: mostBlocks)
        case .lazy(let stepBytes):
            LazyCompactingHeap(size: size, alignment: alignment, mostBlocks: mostBlocks, stepBytes: stepBytes)
        case .firstFit: FirstFitHeap(size: size, alignment: alignment, header: 2 &* pointerWidth)
        case .bestFit: BestFitHeap(size: size, alignment: alignment, header: 2 &* pointerWidth)
        case .twoLevelSegregatedFit: TwoLevelSegregatedFitHeap(size: size, pointerWidth: pointerWidth)
        case .heap4: FreeRTOSHeap4(size: size, pointerWidth: pointerWidth)
        }
    }
}
