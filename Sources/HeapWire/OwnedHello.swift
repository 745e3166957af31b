// SPDX-License-Identifier: Apache-2.0
//
// HELLO in values of its own, for programs that have a heap: the simulator, and tests. A device writes ``Hello``,
// which copies nothing.

#if !hasFeature(Embedded)
    public struct OwnedHello: Sendable {
        public struct Heap: Sendable {
            /// The heap's number on its device, 0 to 255.
            public var number: UInt32
            public var name: String
            public var layout: HeapLayout

            public init(number: UInt32 = 0, name: String = "", layout: HeapLayout) {
                (self.number, self.name, self.layout) = (number, name, layout)
            }
        }

        public var isOneWay = false
        public var device: String
        public var build: String
        public var boot: UInt32
        public var ticksPerSecond: UInt32
        /// The device's clock when it writes the frame.
        public var tick: UInt64
        /// The lowest sequence number that the device can still send.
        public var oldest: UInt32
        /// Bytes of a pointer: 4 or 8.
        public var pointerWidth: UInt32
        public var heaps: [Heap]
        public var capabilities = Capabilities.none

        /// The heaps' pointers have the width that the first heap's layout says; 4 bytes where there is no heap.
        public init(
            device: String, build: String = "", boot: UInt32, ticksPerSecond: UInt32 = 1000, tick: UInt64,
            oldest: UInt32 = 1, heaps: [Heap]
        ) {
            (self.device, self.build, self.boot) = (device, build, boot)
            (self.ticksPerSecond, self.tick, self.oldest, self.heaps) = (ticksPerSecond, tick, oldest, heaps)
            pointerWidth = heaps.first?.layout.pointerWidth ?? 4
        }

        /// Writes the whole frame. Checks nothing: a test may write what no collector takes.
        public func write(to writer: inout FrameWriter, version: UInt32 = WireLimits.version) {
            var (device, build) = (device, build)
            device.withUTF8 { device in
                build.withUTF8 { build in
                    Hello.write(
                        version: version, isOneWay: isOneWay, device: device, build: build, boot: boot,
                        ticksPerSecond: ticksPerSecond,
                        tick: tick, oldest: oldest, pointerWidth: pointerWidth,
                        heapCount: UInt32(truncatingIfNeeded: heaps.count), to: &writer)
                }
            }
            for heap in heaps {
                var name = heap.name
                name.withUTF8 {
                    HeapGeometry.write(heap: heap.number, name: $0, layout: heap.layout, to: &writer)
                }
            }
            capabilities.write(to: &writer)
        }
    }
#endif
