// SPDX-License-Identifier: Apache-2.0
//
// What a person can do who can't open a serial line: which group to join, which lines there are, who uses it.

internal import CFileStatus
internal import Foundation

enum PortAdvice {
    /// - Parameter code: of errno.
    static func words(for path: String, _ code: Int32) -> String {
        switch code {
        case EACCES: return permission(path)
        case ENOENT, ENODEV, ENXIO:
            var advice = "Check the path and its permissions. "
            // PATH:BAUD with a mistyped number is a path.
            if path.contains(":") { advice += "After a colon, a baud rate is digits only. " }
            let ports = ports(in: "/dev")
            return advice
                + (ports.isEmpty
                    ? "This machine has no serial line now that is on USB: is the adapter plugged in?"
                    : "Serial lines here: \(ports.joined(separator: ", ")).")
        default: return "Check the path and its permissions."
        }
    }

    private static func permission(_ path: String) -> String {
        var status = file_status_t()
        guard file_status_of(path, &status) == 0, status.is_for_group, let group = name(ofGroup: status.group)
        else { return "Check its permissions." }
        return "It is for the group \(group): add yourself with \"sudo usermod -aG \(group) $USER\", and log in again."
    }

    private static func name(ofGroup id: gid_t) -> String? {
        var (group, found) = (Foundation.group(), UnsafeMutablePointer<Foundation.group>?.none)
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getgrgid_r(id, &group, &buffer, buffer.count, &found) == 0, found != nil, let name = group.gr_name else {
            return nil
        }
        return String(cString: name)
    }

    /// Those on USB, which come and go.
    static func ports(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasPrefix("ttyUSB") || $0.hasPrefix("ttyACM") }.sorted().prefix(8).map {
            "\(folder)/\($0)"
        }
    }

    /// A program that has it open, as far as we may know: `picocom (process 4711)`.
    static func user(of path: String) -> String? {
        var port = file_status_t()
        guard file_status_of(path, &port) == 0, port.character_device != 0 else { return nil }
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        for process in processes.compactMap({ Int32($0) }) where process != getpid() {
            let folder = "/proc/\(process)/fd"
            for descriptor in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
                var status = file_status_t()
                guard file_status_of("\(folder)/\(descriptor)", &status) == 0,
                    status.character_device == port.character_device
                else { continue }
                return "\(name(ofProcess: process)) (process \(process))"
            }
        }
        return nil
    }

    /// A program chooses its own name: what could steer a terminal is left out.
    private static func name(ofProcess process: Int32) -> String {
        let name = (try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)) ?? ""
        let plain = String(name.unicodeScalars.filter { $0.isASCII && $0.value >= 0x20 && $0.value < 0x7F })
        return plain.isEmpty ? "a program" : plain
    }
}
