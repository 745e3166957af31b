// SPDX-License-Identifier: Apache-2.0
//
// Reads a recorded stream: frames of one device or of several, each after its HELLO. What it makes of them are bodies as
// `POST /v1/ingest` takes them. A HELLO of a file is old, so its tick is moved to now: then the times of the frames are right.

public import HeapHistory
internal import HeapWire
internal import NIOCore

public final class Recording {
    /// Of each boot, in what was looked through.
    private var lastTicks: [RecordedBoot: UInt64] = [:]
    /// Microseconds since the recording ended.
    private let age: UInt64
    private let isOneWay: Bool
    private let assembler = FrameAssembler()
    private var hello: [UInt8] = []
    private var boot: RecordedBoot?
    private var devices: Set<String> = []
    /// Frames that can't be read, or that stand before the first HELLO.
    public private(set) var rejected = 0

    public var deviceCount: Int { devices.count }

    /// - Parameters:
    ///   - recording: of the same bytes, which has looked through them; nil for a stream that comes now.
    ///   - end: when the last of these bytes were recorded.
    ///   - isOneWay: frames that are missing will not come any more.
    public init(after recording: Recording? = nil, endedAt end: Timestamp = .now, isOneWay: Bool = false) {
        lastTicks = recording?.lastTicks ?? [:]
        age = UInt64(clamping: Timestamp.now.microseconds.subtractingClamped(end.microseconds))
        self.isOneWay = isOneWay
    }

    /// Takes note of the ticks in these bytes.
    public func look(through bytes: [UInt8]) {
        forEachPayload(in: bytes) { payload in
            if let hello = try? DeviceHello(payload: payload) {
                boot = RecordedBoot(device: hello.device, boot: hello.boot)
                note(hello.tick)
            } else if let base = payload.baseAddress, let frame = try? StateFrame(payload: base, count: payload.count) {
                note(frame.state.tick)
            }
        }
    }

    private func note(_ tick: UInt64) {
        guard let boot else { return }
        lastTicks[boot] = max(lastTicks[boot] ?? 0, tick)
    }

    /// The frames that these bytes complete, as a body; empty when there are none.
    public func body(of bytes: [UInt8]) -> [UInt8] {
        var body = hello
        forEachPayload(in: bytes) { payload in
            guard let base = payload.baseAddress else { return }
            if base[0] == FrameType.hello.rawValue {
                if let greeting = greeting(payload) {
                    hello = greeting
                    body += greeting
                } else {
                    rejected += 1
                }
            } else if hello.isEmpty {
                rejected += 1
            } else {
                body += FrameWriter.line { $0.bytes(base, count: payload.count) }
            }
        }
        return body.count > hello.count ? body : []
    }

    /// A HELLO as it is sent now; nil when it can't be read.
    private func greeting(_ payload: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard let hello = try? DeviceHello(payload: payload) else { return nil }
        devices.insert(hello.device)
        var owned = OwnedHello(
            device: hello.device, build: hello.build, boot: hello.boot, ticksPerSecond: hello.ticksPerSecond,
            tick: hello.tick, oldest: hello.oldest,
            heaps: hello.heaps.map { OwnedHello.Heap(number: $0.number, name: $0.name, layout: $0.layout) })
        owned.isOneWay = hello.isOneWay || isOneWay
        if let last = lastTicks[RecordedBoot(device: hello.device, boot: hello.boot)] {
            owned.tick = max(hello.tick, tick(last, passed: age, perSecond: UInt64(hello.ticksPerSecond)))
        }
        return FrameWriter.line { owned.write(to: &$0) }
    }

    /// The device's tick now, if its clock has gone on since `last`.
    private func tick(_ last: UInt64, passed: UInt64, perSecond: UInt64) -> UInt64 {
        let (ticks, isLong) = (passed / 1000).multipliedReportingOverflow(by: perSecond)
        let (tick, isLate) = last.addingReportingOverflow(ticks / 1000)
        return isLong || isLate ? last : min(tick, max(last, WireLimits.tick))
    }

    private func forEachPayload(in bytes: [UInt8], _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        var buffer = ByteBuffer(bytes: bytes)
        while buffer.readableBytes > 0 {
            do throws(Malformed) {
                if let payload = try assembler.next(&buffer) { body(payload) }
            } catch {
                rejected += 1
            }
        }
    }
}
