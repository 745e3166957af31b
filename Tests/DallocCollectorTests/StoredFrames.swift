// SPDX-License-Identifier: Apache-2.0
//
// Everything that a database holds of each heap, frame by frame, wherever it stands.

import GRDB
import HeapHistory

@testable import DallocCollector

struct StoredFrames: Equatable {
    private(set) var heaps: [Int64: [StoredFrame]] = [:]

    init(_ db: Database) throws {
        let arrivals = ArrivalIndex()
        try arrivals.load(db, at: .now)
        let ids = try Int64.fetchAll(db, sql: "SELECT id FROM heaps")
        let tails = arrivals.heaps(ids)
        for id in ids {
            var frames: [StoredFrame] = []
            try HeapFrames(db, heapID: id, arrivals: tails[id]).forEach(after: 0) {
                frames.append($0)
                return true
            }
            heaps[id] = frames
        }
    }
}
