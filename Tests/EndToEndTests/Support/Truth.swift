// SPDX-License-Identifier: Apache-2.0
//
// What the simulator wrote from its own heaps, and how a snapshot compares with it.

import Foundation
import HeapHistory
import Testing

struct TruthRecord: Decodable {
    struct Block: Decodable, Equatable, CustomStringConvertible {
        var offset: Int
        var address: Address
        var size: Int
        var owner: Address?

        var description: String { "\(offset) \(address) \(size) \(owner?.description ?? "-")" }
    }

    var device: String
    var heap: Int
    var sequence: Int
    var offset: Int
    var table: [Block]

    static func read(_ path: String) throws -> [TruthRecord] {
        let decoder = JSONDecoder()
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            try decoder.decode(TruthRecord.self, from: Data($0.utf8))
        }
    }

    func expectEqual(_ snapshot: Snapshot) {
        #expect(snapshot.used == offset, "\(device) #\(sequence)")
        let entries = snapshot.entries.map {
            Block(offset: $0.offset, address: $0.address, size: $0.size, owner: $0.owner)
        }
        #expect(entries == table, "\(device) #\(sequence)")
        #expect(snapshot.entries.map(\.index) == Array(table.indices), "\(device) #\(sequence)")
    }
}

/// Follows every block through the moves between two snapshots: each must start where the block is, and the last
/// must end where the second snapshot has it.
func expectMovesTurn(_ first: Snapshot, into second: Snapshot, _ list: MoveList) {
    #expect(!list.truncated)
    #expect(list.gaps.isEmpty)
    var places: [Int: Address] = [:]
    for entry in first.entries { places[entry.allocation ?? 0] = entry.address }
    #expect(places[0] == nil, "every block is known by its allocation")
    for move in list.moves {
        let block = move.allocation ?? 0
        if let place = places[block] { #expect(place == move.from, "\(first.device) block \(block)") }
        places[block] = move.to
        let cause = move.cause.allocation ?? 0
        if let place = places[cause] { #expect(place == move.cause.address, "\(first.device) cause \(cause)") }
        if move.cause.operation == .free, move.allocation == last(of: move, in: list) { places[cause] = nil }
    }
    let moved = Set(list.moves.compactMap(\.allocation))
    let before = Set(first.entries.compactMap(\.allocation))
    for entry in second.entries {
        let block = entry.allocation ?? 0
        guard before.contains(block) || moved.contains(block) else { continue }
        #expect(places[block] == entry.address, "\(first.device) block \(block)")
    }
}

/// The last block that the same free moved.
private func last(of move: Move, in list: MoveList) -> Int? {
    list.moves.last { $0.cause == move.cause && $0.time == move.time && $0.sequence == move.sequence }?.allocation
}
