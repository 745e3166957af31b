// SPDX-License-Identifier: Apache-2.0
//
// A device with a real heap and a real agent, at the addresses that session vectors have, on a line that does
// what they say.

import CDalloc
import CDallocAgent
import Dalloc
import DallocAgent
import Glibc

final class ScriptedDevice {
    var now: UInt32
    var isUp = true {
        didSet { if !isUp { toDevice = [] } }
    }
    /// What the device has written since the last look.
    private(set) var written: [UInt8] = []
    /// How often it has ended its connection.
    private(set) var resets = 0

    private var toDevice: [UInt8] = []
    private let heap = UnsafeMutablePointer<heap_t>.allocate(capacity: 1)
    private let agent = UnsafeMutablePointer<dalloc_agent_t>.allocate(capacity: 1)
    private let recorder = UnsafeMutablePointer<dalloc_recorder_t>.allocate(capacity: 1)
    private let transmit: UnsafeMutablePointer<UInt8>
    private let texts: [UnsafeMutablePointer<CChar>?]
    private let variables: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    private let memory: UnsafeMutableRawPointer

    /// Where the variables are: a page, and then the heap's. False where something else is there already.
    private static let hasPages: Bool = {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | 0x10_0000  // MAP_FIXED_NOREPLACE
        let parts = [0x2000_0000, 0x2000_1000].map { address in
            mmap(UnsafeMutableRawPointer(bitPattern: address), 4096, PROT_READ | PROT_WRITE, flags, -1, 0)
        }
        return parts.allSatisfy { $0 != MAP_FAILED }
    }()

    /// Nil when the addresses are taken or the agent refuses.
    init?(_ device: SessionVector.Device) {
        guard Self.hasPages, let pages = UnsafeMutableRawPointer(bitPattern: 0x2000_0000) else { return nil }
        memset(pages, 0, 4096)
        variables = pages.bindMemory(to: UnsafeMutableRawPointer?.self, capacity: 100)
        memory = pages + 4096
        transmit = .allocate(capacity: Int(device.transmitBytes))
        texts = [strdup(device.id), strdup(device.build), strdup("main")]
        now = device.tick
        heap_init(heap, memory, 4096)
        var config = dalloc_agent_config_t()
        config.device_id = UnsafePointer(texts[0])
        config.build = UnsafePointer(texts[1])
        config.boot_id = device.boot
        config.ticks_per_second = device.ticksPerSecond
        config.now = { ScriptedDevice.of($0)?.now ?? 0 }
        config.now_context = Unmanaged.passUnretained(self).toOpaque()
        config.link = link(device)
        config.transmit_buffer = transmit
        config.transmit_size = device.transmitBytes
        guard dalloc_agent_init(agent, &config) == DALLOC_AGENT_OK,
            dalloc_agent_attach(agent, recorder, heap, texts[2]) == DALLOC_AGENT_OK
        else { return nil }
    }

    deinit {
        texts.forEach { free($0) }
        transmit.deallocate()
        heap.deallocate()
        agent.deallocate()
        recorder.deallocate()
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> ScriptedDevice? {
        context.map { Unmanaged<ScriptedDevice>.fromOpaque($0).takeUnretainedValue() }
    }

    private func link(_ device: SessionVector.Device) -> dalloc_link_t {
        var link = dalloc_link_t()
        link.context = Unmanaged.passUnretained(self).toOpaque()
        link.is_up = { ScriptedDevice.of($0)?.isUp ?? false }
        link.write = { context, bytes, count in
            ScriptedDevice.of(context)?.written += UnsafeBufferPointer(start: bytes, count: Int(count))
            return Int32(count)
        }
        if !device.isOneWay {
            link.read = { context, bytes, count in
                guard let device = ScriptedDevice.of(context), let bytes else { return -1 }
                let piece = device.toDevice.prefix(Int(count))
                for (index, byte) in piece.enumerated() { bytes[index] = byte }
                device.toDevice.removeFirst(piece.count)
                return Int32(piece.count)
            }
        }
        if device.isConnection {
            link.reset = { context in
                ScriptedDevice.of(context)?.resets += 1
                ScriptedDevice.of(context)?.toDevice = []
            }
        }
        return link
    }

    func hear(_ bytes: [UInt8]) { toDevice += bytes }

    /// `alloc 3 40`, `free 3`, `resize 3 50`: the number is that of a variable.
    func perform(_ operation: String) {
        let words = operation.split(separator: " ")
        let (slot, size) = (Int(words[1]) ?? 0, words.count > 2 ? UInt32(words[2]) ?? 0 : 0)
        switch words[0] {
        case "alloc": dalloc(heap, size, variables + slot)
        case "resize": _ = drealloc(heap, size, variables + slot)
        default: dfree(heap, variables + slot, USING_PTR_ADDRESS)
        }
    }

    /// Polls until it has nothing more to say. Returns what it said.
    func poll() -> [UInt8] {
        for _ in 0..<4 { dalloc_agent_poll(agent) }
        defer { written = [] }
        return written
    }
}
