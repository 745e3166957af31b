// SPDX-License-Identifier: Apache-2.0
//
// A place in a heap's history between two operations, as text for clients to give back: HEAP.FRAME.OPERATION, with the row of the heap.

internal import HeapHistory

struct OperationCursor: Equatable, Sendable, CustomStringConvertible {
    /// Row of the heap.
    var heap: Int64
    /// The last operation that was listed.
    var sequence: UInt32
    var place: Int

    var description: String { "\(heap).\(sequence).\(place)" }

    init(heap: Int64, sequence: UInt32, place: Int) { (self.heap, self.sequence, self.place) = (heap, sequence, place) }

    /// - Throws: ``Problem`` when the text is no cursor.
    init(_ text: String) throws {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let heap = Int64(parts[0]), let sequence = UInt32(parts[1]), let place = Int(parts[2]),
            place >= -1
        else {
            throw Problem(
                .badRequest, "after=\(text) is no place in such a list.",
                hint: "Give `after` the `next` of the page before.")
        }
        self.init(heap: heap, sequence: sequence, place: place)
    }

    func isBefore<Event>(_ step: OperationWalk.Step<Event>) -> Bool {
        (sequence, place) < (step.sequence, step.place)
    }
}
