// SPDX-License-Identifier: Apache-2.0
//
// The library in one configuration, built once for all tests that need it.

import Foundation

struct Library: Sendable {
    let configuration: Configuration
    let folder: URL

    var archive: String { folder.appending(path: "libdalloc.a").path }

    /// What a program that uses it is compiled with.
    var programFlags: [String] {
        ["-I" + folder.appending(path: "include").path] + Self.testHeaders
            + (configuration.repeatsFlags ? configuration.flags : [])
    }

    /// Where the configuration headers of the tests are, and FreeRTOS.
    static let testHeaders = ["-I" + Command.conformance, "-I" + Command.conformance + "/freertos"]

    static func build(
        _ product: String = "dalloc", for target: String = "host", in folder: URL,
        flags: [String] = []
    ) -> Command {
        Command(["scripts/build-library.sh", product, target, folder.path] + testHeaders + flags)
    }

    /// - Parameter amongAll: the test will ask for all of them, so their builds start now, side by side.
    static func with(_ configuration: Configuration, amongAll: Bool = false) async throws -> Library {
        let key = { (configuration: Configuration) in configuration.name }
        return try await libraries.result(of: configuration, among: amongAll ? Configuration.all : [], key: key) {
            configuration, folder in
            try await build(in: folder, flags: configuration.flags).succeed()
            return Library(configuration: configuration, folder: folder)
        }
    }

    /// The archive with the agent for a device; those for all others build at its side.
    static func firmware(for target: String, among targets: [String]) async throws -> Archive {
        try await firmware.result(of: target, among: targets, key: \.self) { target, folder in
            try await build("DallocAgent", for: target, in: folder).succeed()
            return Archive(path: folder.appending(path: "libDallocAgent.a").path)
        }
    }

    private static let libraries = Builds<Configuration, Library>()
    private static let firmware = Builds<String, Archive>()
}
