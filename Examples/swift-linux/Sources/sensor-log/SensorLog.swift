// SPDX-License-Identifier: Apache-2.0
//
// Readings and a log line in a compacting heap, watched by a collector if there is one:
//
//   sensor-log [PORT]
//
// Prints what the heap held, and what a mistake with a handle comes to in a release build.

import Dalloc
import DallocAgent
import POSIXLink

@main struct SensorLog {
    static func main() throws {
        var heap = try Heap(bytes: 4096)
        let port = CommandLine.arguments.dropFirst().first.flatMap { UInt16($0) }
        guard let port else { return try work(&heap) }
        var agent = try Agent(device: "sensor-log", build: "1.0.0", link: .tcp("127.0.0.1", port: port))
        try agent.attach(&heap, as: "main")
        try work(&heap)
        agent.flush()
        while !agent.isDrained { agent.poll() }
    }

    static func work(_ heap: inout Heap) throws {
        var readings = try HeapArray<UInt16>(in: &heap)
        try readings.append(contentsOf: [20, 21, 23].span, in: &heap)
        var line = try HeapBytes(in: &heap)
        try line.append("readings: ", in: &heap)
        try line.append(decimal: readings.count, in: &heap)
        // The log line moves down to where the readings were.
        try readings.free(in: &heap)
        let text = try line.withBytes(in: heap) { String(decoding: [UInt8](copying: $0), as: UTF8.self) }
        print("\(text), live blocks: \(heap.liveBlocks), peak: \(heap.peak) bytes")
        try line.free(in: &heap)
        #if !DEBUG
            try misuse(&heap)
        #endif
    }

    /// A handle of another heap. A debug build stops here.
    static func misuse(_ heap: inout Heap) throws {
        var other = try Heap(bytes: 64)
        let foreign = try other.allocate(byteCount: 8)
        do throws(HeapError) {
            try heap.free(foreign)
        } catch {
            print("not freed: \(error)")
        }
    }
}

extension [UInt8] {
    init(copying bytes: RawSpan) {
        self = (0..<bytes.byteCount).map { bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    }
}
