// SPDX-License-Identifier: Apache-2.0
//
// The live bytes of groups of blocks as programs make them, over time: well-behaved ones, and leaks.

import Foundation

@testable import DallocCollector

/// How many bytes a group holds at an hour. Models keep state, so hours are asked for in order.
struct ModelGroup {
    typealias Bytes = (_ hour: Double, _ random: inout ModelRandom) -> Double

    static let start: Int64 = 1_790_000_000_000_000
    let bytes: Bytes

    static let wellBehaved = [
        "cache", "cache by steps", "saturating cache", "cache and job", "sawtooth ending at its peak", "jobs", "bursts",
        "burst at the end", "walk", "slow walk", "step", "steps", "steady",
    ]

    /// The lowest of each step, of which every quarter of an hour is seen.
    func samples(
        _ count: Int, everyHours step: Int = 1, isLowest: Bool = false, gaps: Double = 0, _ random: inout ModelRandom
    )
        -> [GrowthTrend.Sample]
    {
        (0..<count).compactMap { number in
            let hour = Double(number * step)
            var least = bytes(hour, &random)
            if isLowest { for part in 1..<4 * step { least = min(least, bytes(hour + Double(part) / 4, &random)) } }
            guard gaps == 0 || random.uniform() >= gaps else { return nil }
            return GrowthTrend.Sample(time: Self.start + Int64(hour * 3.6e9), bytes: UInt64(max(0, least)))
        }
    }

    /// - Parameter range: hours.
    static func wellBehaved(_ kind: String, range: Double, _ random: inout ModelRandom) -> ModelGroup {
        let base = random.uniform(500, 20_000)
        let noise = noise(&random)
        let size = random.scale(500, 40_000)
        let job = kind == "cache and job" || kind == "jobs" ? job(&random) : { _ in 0 }
        switch kind {
        case "cache", "cache and job":
            let start = random.uniform() < 0.5 ? 0 : random.uniform(0, 0.4)
            let end = random.uniform(start + 0.02, 0.75)
            return ModelGroup { hour, random in
                base + size * min(1, max(0, (hour / range - start) / (end - start))) + job(hour) + noise(hour, &random)
            }
        case "cache by steps":
            let entries = random.uniform(1, 40).rounded()
            let end = random.uniform(0.1, 0.75)
            return ModelGroup { hour, random in
                base + 200 * min(entries, (hour / range / end * entries).rounded(.down)) + noise(hour, &random)
            }
        case "saturating cache":
            let constant = random.uniform(0.1, 0.75) * range / random.uniform(3, 6)
            return ModelGroup { hour, random in base + size * (1 - exp(-hour / constant)) + noise(hour, &random) }
        case "sawtooth ending at its peak":
            let period = random.uniform(1, 24)
            return ModelGroup { hour, random in
                let phase = ((hour - range) / period + 1000 - 1e-9).truncatingRemainder(dividingBy: 1)
                return base + size * phase + noise(hour, &random)
            }
        case "jobs":
            let other = Self.job(&random)
            return ModelGroup { hour, random in base + job(hour) + other(hour) + noise(hour, &random) }
        case "bursts":
            let burst = bursts(&random)
            return ModelGroup { hour, random in base + burst(hour, &random) + noise(hour, &random) }
        case "burst at the end":
            let length = random.uniform(0.5, 12)
            return ModelGroup { hour, random in base + (hour > range - length ? size : 0) + noise(hour, &random) }
        case "walk", "slow walk":
            let memory = kind == "walk" ? random.uniform(0.5, 0.95) : 0.98
            let step = random.scale(20, 1000)
            var value = step * random.normal() / (1 - memory * memory).squareRoot()
            return ModelGroup { _, random in
                value = memory * value + step * random.normal()
                return base + 4000 + value
            }
        case "step", "steps":
            let steps = (0..<(kind == "step" ? 1 : 4)).map { _ in
                (at: random.uniform(0, range), size: random.scale(100, 20_000))
            }
            return ModelGroup { hour, random in
                base + steps.reduce(0) { $0 + (hour > $1.at ? $1.size : 0) } + noise(hour, &random)
            }
        default:
            return ModelGroup { hour, random in base + noise(hour, &random) }
        }
    }

    /// A quarter has none, and the rest is white, serial, or a few peaks.
    private static func noise(_ random: inout ModelRandom) -> Bytes {
        let kind = Int(random.uniform(0, 4))
        let size = random.scale(5, 1000)
        var serial = 0.0
        return { _, random in
            switch kind {
            case 0: return size * random.uniform(-1, 1)
            case 1:
                serial = 0.8 * serial + 0.3 * size * random.normal()
                return serial
            case 2: return random.uniform() < 0.1 ? 3 * size * random.uniform() : 0
            default: return 0
            }
        }
    }

    /// Runs every hour to every day, for a part of the time: at once, rising, or up and down.
    static func job(period: Double? = nil, _ random: inout ModelRandom) -> (Double) -> Double {
        let period = period ?? random.uniform(1, 24)
        let size = random.scale(200, 20_000)
        let offset = random.uniform()
        let share = random.uniform(0.1, 0.7)
        let kind = Int(random.uniform(0, 3))
        return { hour in
            let phase = (hour / period + offset).truncatingRemainder(dividingBy: 1)
            guard phase < share else { return 0 }
            return kind == 0 ? size : kind == 1 ? size * phase / share : size * (1 - abs(2 * phase / share - 1))
        }
    }

    static func bursts(_ random: inout ModelRandom) -> Bytes {
        let rate = random.uniform(0.005, 0.1)
        let size = random.scale(500, 20_000)
        var end = -1.0
        var height = 0.0
        return { hour, random in
            if hour > end, random.uniform() < rate {
                end = hour + random.uniform(0.5, 6)
                height = size * random.uniform(0.3, 1)
            }
            return hour <= end ? height : 0
        }
    }
}
