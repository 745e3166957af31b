// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// find_package, FetchContent, pkg-config and make, with real compilers, and a firmware that boots.
@Suite struct CMakeKitTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func configure(_ folder: String, _ options: [String]) -> Command {
        Command(
            ["cmake", "-S", folder, "-B", scratch["build"], "-G", "Ninja", "-DCMAKE_C_FLAGS=-Wall -Wextra -Werror"]
                + options)
    }

    private func build() -> Command { Command(["cmake", "--build", scratch["build"]]) }

    private func toolchain(of release: KitRelease) -> [String] {
        ["-DCMAKE_TOOLCHAIN_FILE=" + release["kits/cmake/cortex-m4/arm-none-eabi.cmake"]]
    }

    /// Without a collector, the program says so.
    private func greets(_ program: String) async throws {
        #expect(try await Command([program, "9"]).succeed().contains("no collector"))
    }

    /// The board's first frame, on its UART.
    private func boots(_ firmware: String) async throws {
        let steps = """
            timeout 60 qemu-system-arm -M mps2-an386 -display none -monitor none -serial "file:$2" -kernel "$1" </dev/null &
            until grep -qs heap-monitor-m4 "$2"; do
                kill -0 $! || exit 1
                sleep 0.1
            done
            kill $!
            """
        try await Command(["bash", "-c", steps, "bash", firmware, scratch["uart"]]).succeed()
    }

    @Test func aProgramOnLinuxFindsThePackage() async throws {
        let release = try await KitRelease.shared()
        try await configure(release["kits/cmake/linux"], ["-DCMAKE_PREFIX_PATH=" + release.folder.path]).succeed()
        try await build().succeed()
        try await greets(scratch["build/heap_monitor"])
    }

    @Test func aFirmwareFindsItsProcessorInTheFlagsAndBoots() async throws {
        let release = try await KitRelease.shared()
        let folder = release["kits/cmake/cortex-m4"]
        try await Command(
            ["cmake", "-S", folder, "-B", scratch["build"], "-G", "Ninja", "-Ddalloc_DIR=" + release["cmake"]]
                + toolchain(of: release)
        ).succeed()
        try await build().succeed()
        try await boots(scratch["build/heap_monitor.elf"])
    }

    @Test func aWrongTargetIsRefusedWithTheListOfThoseThatAreThere() async throws {
        let release = try await KitRelease.shared()
        let wrong = try await configure(
            release["kits/cmake/linux"], ["-DCMAKE_PREFIX_PATH=" + release.folder.path, "-DDALLOC_TARGET=cortex-m9"]
        ).run()
        #expect(wrong.status != 0)
        let words = wrong.text.split { $0.isWhitespace }.joined(separator: " ")
        #expect(words.contains("DALLOC_TARGET is cortex-m9, and there is no library for it"), "\(words)")
        #expect(words.contains("Choose one of cortex-m0plus, cortex-m3, cortex-m33, cortex-m4, cortex-m7"), "\(words)")
        #expect(words.contains("-DDALLOC_TARGET="), "\(words)")
    }

    @Test(arguments: [("1.0", true), ("1.2.3", true), ("1.3", false), ("2.0", false), ("0.9", false)])
    func aLaterReleaseOfTheSameMajorVersionWillDo(wanted: String, does: Bool) async throws {
        let release = try await KitRelease.shared()
        try scratch.write(
            """
            cmake_minimum_required(VERSION 3.20)
            project(versions C)
            find_package(dalloc \(wanted) CONFIG REQUIRED)

            """, to: "CMakeLists.txt")
        let finished = try await configure(scratch.path, ["-DCMAKE_PREFIX_PATH=" + release.folder.path]).run()
        #expect((finished.status == 0) == does, "\(finished.text)")
    }

    /// Flags and names of processors, and the folder that each leads to; empty where none does.
    @Test func eachProcessorLeadsToItsArchive() async throws {
        let release = try await KitRelease.shared()
        let cases = [
            ("-mcpu=cortex-m0", "", "cortex-m0plus"), ("-mthumb -mcpu=cortex-m23", "", "cortex-m0plus"),
            ("-mcpu=cortex-m3 -mthumb", "", "cortex-m3"), ("-mcpu=cortex-m4+nofp", "", "cortex-m4"),
            ("-march=armv7e-m+fp", "", "cortex-m4"), ("-mcpu=cortex-m7 -mfloat-abi=hard", "", "cortex-m7"),
            ("-mcpu=cortex-m33", "", "cortex-m33"), ("-mcpu=cortex-m55", "", "cortex-m33"),
            ("-mcpu=cortex-m333", "", ""), ("-mcpu=cortex-a53", "", ""),
            ("-march=rv32imc", "", "rv32imc"), ("-march=rv32imc_zicsr_zifencei", "", "rv32imc"),
            ("-march=rv32imac_zicsr -mabi=ilp32", "", "rv32imac"), ("-march=rv32gc -mabi=ilp32", "", "rv32imac"),
            ("-march=rv32ima_zicsr_zca_zcb", "", "rv32imac"), ("-march=rv32i", "", ""), ("-march=rv32im", "", ""),
            ("-march=rv32imafc -mabi=ilp32f", "", ""), ("-march=rv64gc", "", ""),
            ("", "cortex-m4", "cortex-m4"), ("", "arm", ""),
        ]
        var script = """
            set(DALLOC_RELEASE "\(release.folder.path)")
            include(${DALLOC_RELEASE}/cmake/dalloc-target.cmake)

            """
        for (flags, processor, target) in cases {
            script += """
                set(CMAKE_C_FLAGS "\(flags)")
                set(CMAKE_SYSTEM_PROCESSOR "\(processor)")
                set(CMAKE_SYSTEM_NAME Generic)
                dalloc_find_target(target reason)
                if(NOT "${target}" STREQUAL "\(target)" OR (NOT target AND NOT reason MATCHES "RISC-V|Choose one of"))
                    message(SEND_ERROR "\(flags)\(processor) leads to '${target}': ${reason}")
                endif()

                """
        }
        try await Command(["cmake", "-P", scratch.write(script, to: "cases.cmake")]).succeed()
    }

    @Test func aReleaseCanBeFetched() async throws {
        let release = try await KitRelease.shared()
        try await Command(["tar", "-cf", scratch["dalloc.tar"], "-C", release.folder.path, "."]).succeed()
        try scratch.write(
            """
            cmake_minimum_required(VERSION 3.20)
            project(fetching C)
            include(FetchContent)
            FetchContent_Declare(dalloc URL file://\(scratch["dalloc.tar"]) SOURCE_SUBDIR cmake)
            FetchContent_MakeAvailable(dalloc)
            add_executable(heap_monitor \(release["kits/cmake/linux/main.c"]))
            target_link_libraries(heap_monitor PRIVATE dalloc::agent dalloc::port-posix)
            message(STATUS "for ${DALLOC_TARGET_FOUND}")

            """, to: "CMakeLists.txt")
        let text = try await configure(scratch.path, []).succeed()
        #expect(text.contains("for " + KitRelease.host))
        try await build().succeed()
        try await greets(scratch["build/heap_monitor"])
    }

    /// What Swift would build is not built here: Agent/firmware does that.
    @Test func aFetchedCheckoutWantsATriple() async throws {
        let checkout = Command.repository.appending(path: "Agent/cmake").path
        let project = """
            cmake_minimum_required(VERSION 3.20)
            project(checkout C)
            add_subdirectory(\(checkout) dalloc)
            add_executable(program program.c)
            target_link_libraries(program PRIVATE dalloc::agent)

            """
        try scratch.write("int main(void) { return 0; }\n", to: "program.c")
        try scratch.write(project, to: "CMakeLists.txt")
        let without = try await configure(scratch.path, []).run()
        #expect(without.status != 0 && without.text.contains("DALLOC_TRIPLE"), "\(without.text)")
        try await configure(scratch.path, ["-DDALLOC_TRIPLE=host"]).succeed()
    }

    @Test(arguments: ["dalloc", "dalloc-agent"]) func pkgConfigTellsTheFlags(name: String) async throws {
        let release = try await KitRelease.shared()
        let steps = """
            export PKG_CONFIG_PATH="$1"
            cc -Wall -Wextra -Werror $(pkg-config --cflags \(name)) "$2" "$(pkg-config --variable=ports \(name))"/dalloc_mutex_posix.c \
                $(pkg-config --libs \(name)) -o "$3" && [ "$(pkg-config --modversion \(name))" = \(KitRelease.version) ]
            """
        let program = try scratch.write(
            """
            #include "dalloc.h"
            int main(void) {
                static uint64_t __attribute__((aligned(ALLOCATION_ALIGNMENT_BYTES))) memory[64];
                static heap_t heap;
                void *block;
                heap_init(&heap, memory, sizeof memory);
                dalloc(&heap, 8, &block);
                return block == NULL;
            }

            """, to: "program.c")
        try await Command([
            "bash", "-c", steps, "bash", release["lib/\(KitRelease.host)/pkgconfig"], program, scratch["program"],
        ]).succeed()
        try await Command([scratch["program"]]).succeed()
    }

    @Test func theMakefileBuildsBoth() async throws {
        let release = try await KitRelease.shared()
        try await Command(
            ["make", "-s", "linux", "firmware", "BUILD=" + scratch["build"], "WARNINGS=-Wall -Wextra -Werror"],
            in: URL(filePath: release["kits/make"])
        ).succeed()
        try await greets(scratch["build/heap_monitor"])
        try await boots(scratch["build/heap_monitor.elf"])
    }
}
