// SPDX-License-Identifier: Apache-2.0
//
// schema/wire-vectors/times.json: what a device's ticks mean, as its frames arrive.

import Foundation
import HeapHistory
import Testing

@testable import DallocCollector

struct TimeVectorTests {
    struct Vector: Decodable, Sendable, CustomTestStringConvertible {
        var name: String
        var ticksPerSecond: UInt32
        var events: [Event]
        var testDescription: String { name }
    }

    enum Event: Decodable, Sendable {
        case hello(arrival: Int64, tick: UInt64)
        case frame(arrival: Int64, tick: UInt64)
        case time(tick: UInt64, time: Int64, within: Int64)

        init(from decoder: any Decoder) throws {
            var fields = try decoder.unkeyedContainer()
            let kind = try fields.decode(String.self)
            if kind == "time" {
                self = .time(
                    tick: try fields.decode(UInt64.self), time: try fields.decode(Int64.self),
                    within: try fields.decode(Int64.self))
            } else {
                let (arrival, tick) = (try fields.decode(Int64.self), try fields.decode(UInt64.self))
                self = kind == "HELLO" ? .hello(arrival: arrival, tick: tick) : .frame(arrival: arrival, tick: tick)
            }
        }
    }

    static let vectors: [Vector] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("schema/wire-vectors/times.json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return (try? decoder.decode([Vector].self, from: Data(contentsOf: file))) ?? []
    }()

    @Test func thereAreVectors() { #expect(Self.vectors.count >= 10) }

    @Test(arguments: vectors) func ticksMeanWhatTheySay(vector: Vector) throws {
        var (discipline, greeted, last) = (ClockDiscipline?.none, UInt64(0), UInt64(0))
        var told: [UInt64: Timestamp] = [:]
        for event in vector.events {
            switch event {
            case .hello(let arrival, let tick):
                greeted = tick
                let anchor = BootClock(
                    ticksPerSecond: vector.ticksPerSecond, anchorTick: tick,
                    anchorTime: Timestamp(microseconds: arrival))
                if discipline == nil { discipline = ClockDiscipline(anchor) }
            case .frame(let arrival, let tick):
                last = max(last, tick)
                // What was kept until the greeting says nothing.
                if tick >= greeted { _ = discipline?.observe(tick: tick, arrival: Timestamp(microseconds: arrival)) }
            case .time(let tick, let time, let within):
                let answer = try #require(discipline?.clock.time(of: tick))
                #expect(abs(answer.microseconds - time) <= within, "tick \(tick) is \(answer.microseconds)")
                if tick <= last { told[tick] = answer }
            }
        }
        let clock = try #require(discipline?.clock)
        for (tick, answer) in told { #expect(clock.time(of: tick) == answer, "tick \(tick) means it for good") }
        let times = told.keys.sorted().map { clock.time(of: $0) }
        #expect(times == times.sorted())
    }
}
