// SPDX-License-Identifier: Apache-2.0
//
// A replica that is told of a heap's life over a line that does to whole frames what it likes: what it calls exact is the heap's table,
// and a whole KEYFRAME makes it exact whatever came before.
//
// Input: a heap in three bytes, then steps: what happens to the heap, what is cut into frames, and which of them come, how often, and
// how changed.

import HeapReplica
import HeapWire

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    var input = FuzzInput(UnsafeBufferPointer(start: data, count: size))
    let layout = HeapLayout(&input)
    var device = ModelDevice(layouts: [layout], tick: input.number() & 0xFFFF_FFFF)
    let follower = ReplicaFollower(layout)
    var frames: [ModelDevice.Frame] = []
    while !input.isAtEnd {
        let step = input.choice(of: ModelDevice.kinds + 8)
        switch step - ModelDevice.kinds {
        case 0, 1:
            frames.append(device.delta(heap: 0))
            // A frame that does not come is one that has been cut all the same.
            if step == ModelDevice.kinds { follower.take(frames[frames.count - 1]) }
        case 2, 3:
            let most = step == ModelDevice.kinds + 2 ? 100 : input.choice(of: 5) + 1
            guard let frame = device.keyframe(heap: 0, most: most, startsOver: input.byte() & 3 != 0) else { break }
            frames.append(frame)
            follower.take(frame)
        case 4:
            guard !frames.isEmpty else { break }
            follower.take(frames[frames.count - 1 - input.choice(of: min(frames.count, 256))])
        case 5: device.overflow(heap: 0)
        case 6: follower.takeAnything(input.block())
        case 7:
            var payload = device.delta(heap: 0).payload
            for _ in 0...input.choice(of: 3) {
                let place = input.choice(of: 256) % payload.count
                payload[place] ^= input.byte()
            }
            follower.takeAnything(payload)
        default: device.step(step, heap: 0, &input)
        }
    }
    follower.take(device.delta(heap: 0))
    var isFirst = true
    while let frame = device.keyframe(heap: 0, most: 100, startsOver: isFirst) {
        let isWhole = frame.truth.count <= 100 || !device.heaps[0].isInParts
        follower.take(frame)
        isFirst = false
        if isWhole { break }
    }
    hold(follower.standing == .exact, "a whole table is taken")
    return 0
}
