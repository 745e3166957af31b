// SPDX-License-Identifier: Apache-2.0
//
// A model of an allocator that doesn't move blocks, looked at from outside.

@testable import DallocCollector

protocol PlacingModel: HeapModel {
    /// Where a block is, its header included.
    func place(_ block: BlockHandle) -> HeapPieces.Piece
    /// In the order of addresses.
    var allPieces: [HeapPieces.Piece] { get }
}

extension FirstFitHeap: PlacingModel {
    func place(_ block: BlockHandle) -> HeapPieces.Piece { heap.place(block) }
    var allPieces: [HeapPieces.Piece] { heap.allPieces }
}

extension BestFitHeap: PlacingModel {
    func place(_ block: BlockHandle) -> HeapPieces.Piece { heap.place(block) }
    var allPieces: [HeapPieces.Piece] { heap.allPieces }
}

extension FreeRTOSHeap4: PlacingModel {
    func place(_ block: BlockHandle) -> HeapPieces.Piece { heap.place(block) }
    var allPieces: [HeapPieces.Piece] { heap.allPieces }
}

extension TwoLevelSegregatedFitHeap: PlacingModel {}
