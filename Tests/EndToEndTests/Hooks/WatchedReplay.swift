// SPDX-License-Identifier: Apache-2.0
//
// Replays the recording of a watched heap as a collector would, and compares it with what the heap really held.

import Foundation
import HeapReplica
import HeapWire

@testable import DallocCollector

struct WatchedReplay {
    /// Moments at which the replica was exact, and had the blocks of the heap.
    private(set) var equal = 0
    /// Moments at which the first list of all blocks was not complete yet, and those at which one after a loss was not.
    private(set) var (early, unknown) = (0, 0)
    /// What was not as it must be.
    private(set) var mistakes: [String] = []
    private(set) var frames = 0
    /// Operations that were not recorded.
    private(set) var lost: UInt32 = 0
    /// At the end.
    private(set) var blocks: [WatchedTruth.Block] = []
    private(set) var standing = HeapReplica.Standing.unknown
    /// Blocks with a call site, at the end.
    private(set) var callSites = 0
    private(set) var devices: [String] = []

    init(recording: String, truth: [WatchedTruth] = []) throws {
        var moments: [UInt32: [WatchedTruth]] = [:]
        for moment in truth {
            if moment.sequence == 0 { mistakes.append("a moment has no frame") }
            if moment.wrong > 0 { mistakes.append("\(moment.wrong) blocks are smaller than the table says") }
            moments[moment.sequence, default: []].append(moment)
        }
        var (table, hasBeenExact) = (ReplicaTable?.none, false)
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: recording)))
        FrameTap().listen(bytes[...]) { result in
            do {
                let payload = Array(try result.get())
                guard FrameType(first: payload[0]) != .hello else {
                    let (device, layout) = try Self.greeting(payload)
                    devices.append(device)
                    if table?.layout != layout { table = layout.map { ReplicaTable(layout: $0) } }
                    return
                }
                guard let table else { return mistakes.append("a frame before HELLO") }
                let state = try Self.state(payload)
                let verdict = try table.apply(payload)
                frames += 1
                lost += state.lost
                if verdict == .diverged { mistakes.append("frame \(state.sequence) diverges") }
                standing = table.replica.standing
                hasBeenExact = hasBeenExact || standing == .exact
                for moment in moments.removeValue(forKey: state.sequence) ?? [] {
                    if standing == .exact, Self.blocks(of: table.replica) == moment.blocks {
                        equal += 1
                    } else if standing != .exact {
                        if hasBeenExact { unknown += 1 } else { early += 1 }
                    } else {
                        mistakes.append("after frame \(state.sequence) the table differs")
                    }
                }
            } catch {
                mistakes.append("\(error)")
            }
        }
        if let table {
            blocks = Self.blocks(of: table.replica)
            callSites = (0..<Int(table.replica.known)).count { table.replica[$0].callSite != 0 }
        }
        if !moments.isEmpty { mistakes.append("\(moments.count) moments have frames that were not recorded") }
    }

    private static func greeting(_ payload: [UInt8]) throws -> (device: String, layout: HeapLayout?) {
        try payload.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { throw Malformed.truncatedField }
            var hello = try Hello(payload: base, count: bytes.count)
            return (String(decoding: hello.device, as: UTF8.self), try hello.nextHeap()?.layout)
        }
    }

    private static func state(_ payload: [UInt8]) throws -> HeapState {
        try payload.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { throw Malformed.truncatedField }
            return try StateFrame(payload: base, count: bytes.count).state
        }
    }

    private static func blocks(of replica: borrowing HeapReplica) -> [WatchedTruth.Block] {
        var blocks: [WatchedTruth.Block] = []
        for index in 0..<Int(replica.known) {
            let entry = replica[index]
            blocks.append(.init(address: replica.layout.baseAddress + entry.offset, size: entry.size))
        }
        return blocks
    }
}
