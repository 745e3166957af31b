// SPDX-License-Identifier: Apache-2.0
//
// What heaps really held: one JSON object a line for each poll in which a frame was cut, written from the allocator's own
// heap_t. The recorder, the format and the collector have no part in it, so they can be checked against it.

internal import CommandSupport
internal import CDalloc
internal import CDallocAgent
internal import Glibc

final class TruthFile {
    private let path: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw Failure(code: ExitStatus.cannotCreate, "cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }

    /// The table as the last frame shows it.
    func write(_ device: Device) {
        let heap = device.heap
        add("{\"device\":\(quoted(device.id)),\"heap\":0,\"sequence\":\(device.agent.pointee.next_sequence &- 1)")
        add(",\"offset\":\(heap.pointee.offset),\"tick\":\(device.clock.pointee),\"table\":[")
        if let memory = heap.pointee.mem {
            let table = dalloc_port_table(heap)
            for index in 0..<Int(heap.pointee.alloc_info.allocations_num) {
                let entry = table[index]
                let address = UInt(bitPattern: memory) + UInt(entry.offset)
                add(index == 0 ? "{" : ",{")
                add("\"offset\":\(entry.offset),\"address\":\"\(hexadecimal(address))\"")
                add(",\"size\":\(entry.allocated_size)")
                if let owner = entry.ptr { add(",\"owner\":\"\(hexadecimal(UInt(bitPattern: owner)))\"") }
                add("}")
            }
        }
        add("]}\n")
        if buffer.count >= 65536 { flush() }
    }

    func flush() {
        var start = 0
        while start < buffer.count {
            let count = buffer[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                complain("cannot write \(path): \(String(cString: strerror(errno)))")
                break
            }
            start += count
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private func add(_ text: String) { buffer.append(contentsOf: text.utf8) }

    private func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// As the collector's API prints addresses: at least eight digits.
    private func hexadecimal(_ address: UInt) -> String {
        let digits = String(address, radix: 16)
        return "0x" + String(repeating: "0", count: max(0, 8 - digits.utf8.count)) + digits
    }
}
