// SPDX-License-Identifier: Apache-2.0
//
// A firmware project of somebody else's that embeds the agent as docs/firmware.md tells.

import Foundation
import TestSupport
import Testing

@Suite(.serialized)
struct FirmwareProjectTests {
    private static func read(_ path: String) throws -> String {
        try String(contentsOf: Program.repository.appendingPathComponent(path), encoding: .utf8)
    }

    private static let page = "docs/firmware.md"

    /// The page's blocks in a language.
    private static func blocks(_ language: String) throws -> [String] {
        try read(page).components(separatedBy: "```\(language)\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
    }

    /// The page's only block in a language.
    private static func block(_ language: String) throws -> String {
        let blocks = try blocks(language)
        #expect(blocks.count == 1, "one block of \(language)")
        return try #require(blocks.last)
    }

    /// A folder with `dalloc`, which is this repository, a configuration header and a program.
    private static func project() throws -> Scratch {
        let project = try Scratch()
        try FileManager.default.createSymbolicLink(
            atPath: project["dalloc"], withDestinationPath: Program.repository.path)
        try "#define MAX_NUM_OF_ALLOCATIONS 24\n".write(to: project, "dalloc_conf.h")
        try """
        #include "dalloc_agent.h"
        char table[MAX_NUM_OF_ALLOCATIONS];
        heap_t heap;
        dalloc_agent_t agent;
        int main(void) { dalloc_agent_poll(&agent); return 0; }
        """.write(to: project, "main.c")
        return project
    }

    private static func cmakeProject() throws -> Scratch {
        let project = try project()
        try """
        cmake_minimum_required(VERSION 3.20)
        set(CMAKE_SYSTEM_NAME Generic)
        set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
        set(CMAKE_C_COMPILER arm-none-eabi-gcc)
        project(firmware C)
        add_executable(firmware main.c dalloc/Agent/firmware/boards/memory.c)
        target_compile_options(firmware PRIVATE -mcpu=cortex-m4 -mthumb -ffreestanding)
        target_include_directories(firmware PRIVATE . dalloc/Agent/firmware/boards)
        target_link_options(firmware PRIVATE -mcpu=cortex-m4 -mthumb -nostdlib -Wl,-e,main)

        """.appending(try block("cmake")).write(to: project, "CMakeLists.txt")
        return project
    }

    private static func run(
        _ command: [String], _ project: Scratch, path: String? = nil
    ) async throws -> Program.Finished {
        try await Program.run(
            "/usr/bin/env", command, in: project, environment: path.map { ["PATH": $0] } ?? [:])
    }

    /// How many blocks the program's heaps have.
    private static func tableSize(_ object: String, _ project: Scratch) async throws -> Int? {
        let symbols = try await run(["arm-none-eabi-nm", "-S", project[object]], project)
        let line = symbols.output.split(separator: "\n").first { $0.hasSuffix(" table") }
        return line.flatMap { Int($0.split(separator: " ")[1], radix: 16) }
    }

    @Test(arguments: ["Ninja", "Unix Makefiles"])
    func twoLinesOfCMakeEmbedTheAgentAndFollowItsConfiguration(generator: String) async throws {
        let project = try Self.cmakeProject()
        let configured = try await Self.run(["cmake", "-S", ".", "-B", "build", "-G", generator], project)
        try #require(configured.status == 0, "\(configured.errors)")
        for blocks in [24, 31] {
            try "#include \"blocks.h\"\n#define MAX_NUM_OF_ALLOCATIONS BLOCKS\n".write(to: project, "dalloc_conf.h")
            try "#define BLOCKS \(blocks)\n".write(to: project, "blocks.h")
            let built = try await Self.run(["cmake", "--build", "build"], project)
            try #require(built.status == 0, "\(built.output) \(built.errors)")
            #expect(try await Self.tableSize("build/firmware", project) == blocks)
        }
        let library = project["build/dalloc-agent/libDallocAgent.a"]
        let before = try FileManager.default.attributesOfItem(atPath: library)[.modificationDate] as? Date
        #expect(try await Self.run(["cmake", "--build", "build"], project).status == 0)
        let after = try FileManager.default.attributesOfItem(atPath: library)[.modificationDate] as? Date
        #expect(before == after, "nothing has changed")
    }

    @Test func aMissingOrOldSwiftIsNamed() async throws {
        let project = try Self.cmakeProject()
        let without = try await Self.run(["cmake", "-S", ".", "-B", "without"], project, path: "/usr/bin:/bin")
        #expect(without.status != 0)
        #expect(without.errors.contains("swiftc, which is not on the PATH"), "\(without.errors)")

        try FileManager.default.createDirectory(atPath: project["old"], withIntermediateDirectories: true)
        try "#!/bin/sh\necho 'Swift version 5.9.2 (swift-5.9.2-RELEASE)'\n".write(to: project, "old/swiftc")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: project["old/swiftc"])
        let old = try await Self.run(
            ["cmake", "-S", ".", "-B", "old-build"], project, path: project["old"] + ":/usr/bin:/bin")
        #expect(old.status != 0)
        let words = old.errors.split { $0.isWhitespace }.joined(separator: " ")
        #expect(words.contains("needs Swift 6.3 or later") && words.contains("is 5.9.2"), "\(old.errors)")
    }

    @Test func aMakefileEmbedsTheAgent() async throws {
        let project = try Self.project()
        try Self.block("make").write(to: project, "Makefile")
        let built = try await Self.run(["make", "main.o"], project)
        try #require(built.status == 0, "\(built.output) \(built.errors)")
        #expect(try await Self.tableSize("main.o", project) == 24)
        try "#define MAX_NUM_OF_ALLOCATIONS 31\n".write(to: project, "dalloc_conf.h")
        #expect(try await Self.run(["make", "main.o"], project).status == 0)
        #expect(try await Self.tableSize("main.o", project) == 31)
    }

    /// What it shows of a firmware stands in one, or in a header's example, and is compiled with it.
    @Test func theFirmwareOnThePageIsOurs() throws {
        let sources = [
            (
                "c",
                [
                    "Agent/firmware/c-sensor-node/watch.c", "Agent/firmware/boards/mps2-an386/board.c",
                    "Tests/C/UARTRing/dma.c", "Tests/C/UARTRing/dma.c", "Tests/C/UARTRing/rs485.c",
                    "Agent/DallocAgent/include/dalloc_agent_chunk.h",
                    "Agent/DallocAgent/include/dalloc_agent_spool.h",
                    "Agent/DallocAgent/include/dalloc_agent_summary.h", "Sources/CDalloc/include/dalloc_pin.h",
                ]
            ),
            ("cpp", ["Agent/firmware/cpp-gateway/main.cpp"]), ("swift", ["Agent/firmware/swift-node/Main.swift"]),
        ]
        for (language, paths) in sources {
            let blocks = try Self.blocks(language)
            try #require(blocks.count == paths.count, "\(language)")
            for (shown, path) in zip(blocks, paths) {
                #expect(try Self.lines(Self.read(path)).contains(Self.lines(shown)), "\(path)")
            }
        }
    }

    /// A text without indents, and without the asterisks of a comment.
    private static func lines(_ text: String) -> String {
        text.split(separator: "\n").map { line in
            line.drop { $0 == " " || $0 == "*" }.trimmingCharacters(in: .whitespaces)
        }.joined(separator: "\n")
    }
}

extension String {
    fileprivate func write(to folder: Scratch, _ name: String) throws {
        try write(toFile: folder[name], atomically: true, encoding: .utf8)
    }
}
