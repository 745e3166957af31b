// SPDX-License-Identifier: Apache-2.0
//
// A folder laid out as a release is, made once for all tests of kits.

import Foundation
import TestSupport

struct KitRelease: Sendable {
    static let version = "1.2.3"

    let folder: URL

    subscript(path: String) -> String { folder.appending(path: path).path }

    /// What a program on this machine is compiled with, beside the sources and the archive.
    var hostFlags: [String] { ["-I" + self["include"], "-I" + self["lib/\(Self.host)"]] }
    var hostArchive: String { self["lib/\(Self.host)/libDallocAgent.a"] }

    #if arch(arm64)
        static let host = "aarch64-linux"
    #else
        static let host = "x86_64-linux"
    #endif

    /// As the archives of a release are configured.
    private static let options = [#"-DDALLOC_CUSTOM_CONF_FILE="scripts/release.conf.h""#, "-I."]

    /// What is built, and the folders that it stands in for.
    private static let libraries = [
        ("armv7em-none-none-eabi", ["cortex-m4", "cortex-m0plus", "cortex-m3", "cortex-m7", "cortex-m33"]),
        ("riscv32-none-none-eabi", ["rv32imc", "rv32imac"]),
        ("host", [host]),
    ]

    private static let made = Builds<String, KitRelease>()

    static func shared() async throws -> KitRelease {
        try await made.result(of: version, among: [], key: \.self) { version, folder in
            try await lay(out: folder)
            try await Command(["scripts/install-kits.sh", folder.path, version]).succeed()
            return KitRelease(folder: folder)
        }
    }

    /// A copy, for a test that breaks it.
    func copy(in scratch: Scratch) async throws -> KitRelease {
        try await Command(["cp", "-r", folder.path, scratch["release"]]).succeed()
        return KitRelease(folder: scratch.url.appending(path: "release"))
    }

    private static func lay(out folder: URL) async throws {
        try await withThrowingTaskGroup { group in
            for (target, places) in libraries {
                group.addTask {
                    let built = try Scratch()
                    try await Library.build("DallocAgent", for: target, in: built.url, flags: options).succeed()
                    for place in places {
                        // The allocator alone is in it, too.
                        let steps = """
                            set -e
                            mkdir -p "$2/lib/$3" "$2/include"
                            cp "$1"/libDallocAgent.a "$1"/include/dalloc_library*.h "$2/lib/$3"
                            cp "$1"/libDallocAgent.a "$2/lib/$3/libdalloc.a"
                            """
                        try await Command(["bash", "-c", steps, "bash", built.path, folder.path, place]).succeed()
                    }
                }
            }
            try await group.waitForAll()
        }
        let rest = """
            set -e
            cp Sources/CDalloc/include/dalloc*.h Agent/DallocAgent/include/dalloc*.h Agent/POSIXLink/include/dalloc*.h "$1/include"
            mkdir "$1/ports"
            cp Agent/ports/*.c Agent/firmware/boards/memory.c "$1/ports"
            cp -r Agent/hooks LICENSE "$1"
            """
        try await Command(["bash", "-c", rest, "bash", folder.path]).succeed()
    }
}
