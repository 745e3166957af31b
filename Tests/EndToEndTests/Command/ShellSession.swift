// SPDX-License-Identifier: Apache-2.0
//
// A shell on a terminal of its own, at which a test types. In place of `dalloc` it finds a program that notes its arguments; what the
// shell's completions ask goes to the real one.

import Foundation
import TestSupport

final class ShellSession {
    private let program: Program
    private let keys: FileHandle
    private let notes: String
    private var count = 0

    static func isInstalled(_ shell: String) -> Bool { path(of: shell) != nil }

    private static func path(of shell: String) -> String? {
        ["/bin/\(shell)", "/usr/bin/\(shell)"].first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// - Parameter collector: where completions ask.
    init(_ shell: String, collector: String, in scratch: Scratch) async throws {
        let folder = scratch["\(shell)-home"]
        notes = scratch["\(shell)-notes"]
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let real = Program.folder.appendingPathComponent("dalloc").path
        let stand = """
            #!/bin/sh
            case $1 in ---completion) exec '\(real)' "$@" ;; esac
            for word; do printf '%s\\n' "$word"; done >>'\(notes)'
            echo end of the line >>'\(notes)'
            """
        try stand.write(toFile: "\(folder)/dalloc", atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder)/dalloc")
        let script = try await Program.run("dalloc", ["--generate-completion-script", shell], in: scratch)
        // As zsh finds it, and as good as another name for the others.
        try script.output.write(toFile: "\(folder)/_dalloc", atomically: true, encoding: .utf8)

        let fifo = scratch["\(shell)-keys"]
        guard mkfifo(fifo, 0o600) == 0, let shellPath = Self.path(of: shell) else { throw POSIXError(.ENOENT) }
        let line =
            switch shell {
            case "bash": "\(shellPath) --norc --noprofile -i"
            case "zsh": "\(shellPath) -f -i"
            default: "\(shellPath) --no-config -i"
            }
        let path = "\(folder):" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
        program = try Program(
            "/bin/sh", ["-c", "exec script -qefc \"$0\" /dev/null <\"$1\"", line, fifo], in: scratch,
            environment: [
                "PATH": path, "HOME": folder, "DALLOC_COLLECTOR": collector, "LC_ALL": "C.UTF-8", "TERM": "xterm",
            ])
        // Opened for reading, too: otherwise this would wait for the shell, and the shell for this.
        let descriptor = open(fifo, O_RDWR)
        guard descriptor >= 0 else { throw POSIXError(.EIO) }
        keys = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        let load =
            switch shell {
            case "zsh": "fpath=('\(folder)' $fpath); autoload -Uz compinit; compinit -D -u"
            default: "source '\(folder)/_dalloc'"
            }
        try type(load + "\n")
        _ = try await arguments(of: "dalloc ready\n")
    }

    deinit { try? type("\u{3}exit\n") }

    private func type(_ text: String) throws { try keys.write(contentsOf: Data(text.utf8)) }

    /// What the command gets when this is typed.
    func arguments(of line: String) async throws -> [String] {
        let end = "end of the line\n"
        func runs() -> [String] {
            ((try? String(contentsOfFile: notes, encoding: .utf8)) ?? "").components(separatedBy: end).dropLast()
        }
        try type(line)
        try await wait(for: "the shell to run \(line.debugDescription): \(program.output.suffix(2000))", seconds: 30) {
            runs().count > count
        }
        count += 1
        return runs()[count - 1].split(separator: "\n").map { String($0) }
    }
}
