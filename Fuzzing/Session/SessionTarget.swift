// SPDX-License-Identifier: Apache-2.0
//
// A device's whole life with a collector that stops and starts: boots, heaps that work, frames that get lost, come twice, late or
// changed, connections that break, commits that are lost with the process. What is acknowledged is stored, once and in order; what is
// stored as exact is the heap's table; what is missing or unknown is in a gap.
//
// Input: a heap in three bytes, how many there are of it and whether the line goes one way only, then steps.

import HeapHistory
import HeapWire

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    var input = FuzzInput(UnsafeBufferPointer(start: data, count: size))
    let layout = HeapLayout(&input)
    let traits = input.byte()
    let layouts = Array(repeating: layout, count: Int(traits & 1) + 1)
    var line = SessionLine(layouts, isOneWay: traits & 2 != 0)
    while !input.isAtEnd {
        let step = input.choice(of: ModelDevice.kinds + SessionLine.kinds)
        if step < ModelDevice.kinds {
            line.work(step, &input)
        } else {
            line.step(step - ModelDevice.kinds, &input)
        }
    }
    line.finish()
    return 0
}
