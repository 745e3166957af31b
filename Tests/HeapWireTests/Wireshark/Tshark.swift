// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Wireshark without its window, with the dissector of schema/wireshark. `make test` installs it.
struct Tshark {
    private let programs: ReferencePrograms
    private static let script = SpecificationTests.schema.appendingPathComponent("wireshark/heapwire.lua").path

    init() throws { programs = try ReferencePrograms() }

    /// What it prints. It finds no settings of the user's.
    private func run(_ arguments: [String], _ before: [String] = []) throws -> String {
        let home = programs.path("home")
        return try programs.run(
            ["HOME=" + home, "XDG_CONFIG_HOME=" + home] + before + ["/usr/bin/tshark"] + arguments
                + ["-X", "lua_script:" + Self.script])
    }

    /// The cells of a list of all that it knows, `fields` or `values`, as far as they are ours.
    func list(_ name: String) throws -> [[String]] {
        let ours = ["sh", "-ec", "\"$@\" | grep '\theapwire'", "sh"]
        return try run(["-G", name], ours).split(separator: "\n").map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map { String($0) }
        }
    }

    /// The frames in a capture, and whether the script failed anywhere.
    func frames(of capture: Capture, _ options: [String] = []) throws -> (frames: [DissectedFrame], failed: Bool) {
        let file = try programs.write(capture.bytes, to: "capture").path
        // Packets with a part of a frame only are left out.
        let output = try run(
            ["-r", file, "-T", "json", "--no-duplicate-keys", "-Y", "heapwire || _ws.lua.error"] + options)
        let packets = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[String: Any]] ?? []
        let frames = packets.flatMap { packet -> [DissectedFrame] in
            let source = packet["_source"] as? [String: Any]
            let layers = source?["layers"] as? [String: Any] ?? [:]
            let tcp = layers["tcp"] as? [String: Any]
            let connection = (tcp?["tcp.stream"] as? String).flatMap { Int($0) } ?? -1
            let shown: [[String: Any]] =
                switch layers["heapwire"] {
                case let one as [String: Any]: [one]
                case let several as [[String: Any]]: several
                default: []
                }
            return shown.map { DissectedFrame(connection: connection, tree: $0) }
        }
        return (frames, output.contains("Lua Error"))
    }

    /// A line for each packet: the words in the column *Info*.
    func column(of capture: Capture, _ options: [String] = []) throws -> [String] {
        let file = try programs.write(capture.bytes, to: "capture").path
        return try run(["-r", file, "-T", "fields", "-e", "_ws.col.Info"] + options)
            .split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { String($0) }
    }
}
