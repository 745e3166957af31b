// SPDX-License-Identifier: Apache-2.0
//
// A folder of its own for each test, gone when the test is over.

public import Foundation

public final class Scratch: Sendable {
    public let path: String

    public var url: URL { URL(fileURLWithPath: path, isDirectory: true) }

    public init() throws {
        path = Self.newPath()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in it.
    public subscript(name: String) -> String { path + "/" + name }

    /// Writes a file into it. Returns its path.
    @discardableResult
    public func write(_ text: String, to name: String) throws -> String {
        try text.write(toFile: self[name], atomically: true, encoding: .utf8)
        return self[name]
    }

    /// Writes a file into it. Returns its path.
    @discardableResult
    public func write(_ bytes: [UInt8], to name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: self[name]))
        return self[name]
    }

    /// A folder that is gone when the process is.
    public static func ofTheRun() throws -> URL {
        let folder = run.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    /// Variables of a type outlive everything else, and are never deinitialised.
    private static let run: URL = {
        atexit { try? FileManager.default.removeItem(at: Scratch.run) }
        return URL(fileURLWithPath: newPath(), isDirectory: true)
    }()

    private static func newPath() -> String { NSTemporaryDirectory() + "dalloc-test-\(UUID().uuidString)" }
}
