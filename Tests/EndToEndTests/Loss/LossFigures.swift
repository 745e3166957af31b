// SPDX-License-Identifier: Apache-2.0
//
// What devices did on bad lines, what the lines did to them, and what an audit found afterwards: numbers to add up and to print.

import Foundation

struct LossFigures: Encodable {
    var operations = 0
    /// What the devices wrote, and what became of it on the way; of both directions, where there are two.
    var bytes = 0
    var frames = 0
    var resent = 0
    var faults = 0
    var rejected = 0
    var connections = 0
    /// Stretches that the collector declares to be missing, and moments in them that it was asked for.
    var gaps = 0
    var asked = 0
    /// Tables that were compared with the device's own.
    var tables = 0
    /// Violations: tables that differ or are not told, moments in gaps that are answered, frames that were acknowledged and are not there,
    /// frames that are missing or unknown without a gap that says so.
    var wrong = 0
    var answeredInGaps = 0
    var missing = 0
    var undeclared = 0
    /// Frames that waited in the devices when the lines became good, and seconds until each device was exact again: the longest.
    var backlog = 0
    var recovery = 0.0

    var violations: Int { wrong + answeredInGaps + missing + undeclared }

    mutating func add(_ tally: LineTally) {
        bytes += tally.bytes
        frames += tally.frames
        resent += tally.resent
        faults += tally.faults.values.reduce(0, +)
        rejected += tally.rejected.values.reduce(tally.repliesRejected, +)
        connections += tally.connections
    }

    mutating func add(_ other: LossFigures) {
        for sum: WritableKeyPath<LossFigures, Int> in [
            \.operations, \.bytes, \.frames, \.resent, \.faults, \.rejected, \.connections, \.gaps, \.asked, \.tables,
            \.wrong, \.answeredInGaps, \.missing, \.undeclared, \.backlog,
        ] { self[keyPath: sum] += other[keyPath: sum] }
        recovery = max(recovery, other.recovery)
    }

    /// One JSON object on one line.
    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.keyEncodingStrategy = .convertToSnakeCase
            encoder.outputFormatting = .sortedKeys
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}
