// SPDX-License-Identifier: Apache-2.0
//
// The Swift lines of the README, word by word.

import Dalloc
import DallocAgent
import Foundation
import POSIXLink

/// Three seconds of a program whose heap a collector watches. True when all of it is stored.
func runReadmeExample(collector: UInt16) throws -> Bool {
    // README begins
    var heap = try Heap(bytes: 16_384)
    var agent = try Agent(device: "swift-agent", build: "1.0.0", link: .tcp("127.0.0.1", port: collector))
    try agent.attach(&heap, as: "main")

    for turn in 1...300 {
        let message = try heap.allocate(byteCount: turn % 64 + 1)
        try heap.withMutableBytes(of: message) { $0.storeBytes(of: UInt8(turn % 256), as: UInt8.self) }
        try heap.free(message)
        agent.poll()
        usleep(10_000)
    }
    // README ends
    agent.flush()
    for _ in 0..<1000 where !agent.isDrained {
        agent.poll()
        usleep(10_000)
    }
    return agent.isDrained
}
