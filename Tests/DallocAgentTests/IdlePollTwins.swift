// SPDX-License-Identifier: Apache-2.0
//
// Two devices that live the same life. One is never allowed a poll that only has a look; nobody may see a difference.

import CDallocAgent
import HeapWire
import TestSupport
import Testing

struct IdlePollTwins {
    private final class Twin {
        let collector = TestCollector()
        let device: WatchedDevice

        init(startsAt tick: UInt32, isLazy: Bool) {
            device = WatchedDevice(
                collector, transmit: 1024, startsAt: tick, isLazy: isLazy, variablesAreBehindMemory: true)
        }

        /// What a collector sees.
        var trace: [UInt64] {
            let last = collector.states.last
            return [
                UInt64(collector.states.count), UInt64(collector.hellos), UInt64(collector.gaps),
                UInt64(collector.duplicates), last?.tick ?? 0, UInt64(last?.sequence ?? 0), UInt64(last?.lost ?? 0),
                UInt64(last?.liveBlocks ?? 0), UInt64(last?.peak ?? 0),
            ]
        }
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>) func twinsSendTheSameAtTheSameTime(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let start: UInt32 = random.once(in: 2) ? 1_000_000 : UInt32.max - UInt32(random.below(100_000))
        let isLazy = random.once(in: 3)
        let twins = (0..<2).map { _ in Twin(startsAt: start, isLazy: isLazy) }
        var idlePolls = 0
        for step in 0..<4000 {
            let (choice, number, actions) = (random.below(100), random.below(1_000_000), random.next())
            for (index, twin) in twins.enumerated() {
                var actionsOfTwin = SeededRandom(seed: actions)
                let (collector, device) = (twin.collector, twin.device)
                switch choice {
                case 0..<12: for _ in 0..<(number % 4) { device.act(&actionsOfTwin) }
                case 12: for _ in 0..<(number % 200) { device.act(&actionsOfTwin) }
                case 13..<30: device.now &+= UInt32(number % 20)
                case 30..<40: device.now &+= UInt32(number % 1500)
                case 40..<42: device.now &+= UInt32(number % 15_000)
                case 42: device.now &-= UInt32(number % 3000)
                case 43: dalloc_agent_flush(device.agent)
                case 44: collector.isUp = number % 3 > 0
                case 45: collector.acknowledges = number % 3 > 0
                case 46: collector.bytesPerWrite = number % 2 == 0 ? .max : Int32(number % 50)
                case 47:
                    let request = Request(boot: 77, keyframe: number % 2 == 0, interval: UInt32(number % 3000))
                    collector.send { request.write(to: &$0) }
                case 48: collector.send([1, 2, 3, 0])
                case 49: collector.bytesUntilLoss = number % 300
                default:
                    if index == 1 { device.agent.pointee.quiet = false }
                    idlePolls += device.agent.pointee.quiet ? 1 : 0
                    device.poll()
                }
            }
            guard twins[0].trace == twins[1].trace else {
                Issue.record("step \(step), choice \(choice): \(twins[0].trace) and \(twins[1].trace)")
                return
            }
        }
        #expect(idlePolls > 100, "otherwise this shows nothing")
        #expect(twins[0].collector.states.count > 20)
    }
}
