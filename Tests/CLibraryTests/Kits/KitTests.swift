// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Agent/kits: each kit is held to its format, built with functions and headers that stand in for its SDK's
/// (Tests/C/Kits), and run on them.
@Suite struct KitTests {
    static let standIns = Command.repository.appending(path: "Tests/C/Kits").path
    private static let sanitized = [
        "-Wall", "-Wextra", "-Werror", "-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
        "-D_GNU_SOURCE",
    ]
    private static let sizes = ["-DMAX_NUM_OF_ALLOCATIONS=100", "-DDALLOC_RECORDER_BYTES=192"]

    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Compiles sources with the archive of this machine, and runs the program.
    private func run(_ release: KitRelease, _ compiler: [String], _ sources: [String], _ flags: [String]) async throws {
        let program = scratch["program"]
        try await Command(
            compiler + Self.sanitized + flags + release.hostFlags + sources + [release.hostArchive, "-o", program]
        ).succeed()
        #expect(try await Command([program]).succeed().hasSuffix("ok\n"))
    }

    private func build(_ standIn: String, _ options: [String]) async throws {
        try await configure(standIn, options).succeed()
        try await Command(["cmake", "--build", scratch["build"]]).succeed()
    }

    private func configure(_ standIn: String, _ options: [String]) -> Command {
        Command(["cmake", "-S", Self.standIns + "/" + standIn, "-B", scratch["build"], "-G", "Ninja"] + options)
    }

    private func arm(_ release: KitRelease) -> String {
        "-DCMAKE_TOOLCHAIN_FILE=" + release["kits/cmake/cortex-m4/arm-none-eabi.cmake"]
    }

    // MARK: Manifests

    private func manifests(_ release: KitRelease) async throws -> Command.Finished {
        try await Command([release["kits/arduino/arrange.py"], scratch["arduino"]]).succeed()
        return try await KitPython.check(
            "manifests.py", [release.folder.path, KitRelease.version, scratch["arduino/Dalloc"]]
        ).run()
    }

    @Test func theManifestsKeepToTheirFormats() async throws {
        let finished = try await manifests(KitRelease.shared())
        #expect(finished.status == 0, "\(finished.text)")
    }

    /// A file, what is replaced in it by what, and what the check then says.
    @Test(arguments: [
        ("kits/zephyr/zephyr/module.yml", "cmake: .", "cmake: build", "is not there"),
        ("kits/zephyr/zephyr/module.yml", "kconfig:", "kcnofig:", "kcnofig"),
        ("kits/zephyr/samples/heap_monitor/sample.yaml", "mps2/an385", "mps2/an511", "mps2_an511.overlay"),
        ("kits/esp-idf/dalloc/idf_component.yml", "esp32h2", "esp32s3", "no archive for esp32s3"),
        ("kits/platformio/library.json", "dalloc.py", "script.py", "script.py"),
        ("kits/arduino/library.properties", "precompiled=true", "precompiled=full", "precompiled"),
        ("kits/arduino/library.properties", "-lDallocAgent", "-lAgent", "libAgent.a"),
        ("kits/cmsis-pack/dalloc.dalloc.pdsc", "cortex-m7/libDallocAgent.a", "cortex-m8/libDallocAgent.a", "cortex-m8"),
        ("kits/cmsis-pack/dalloc.dalloc.pdsc", "lib/cortex-m4/\"", "lib/cortex-m3/\"", "has files of"),
        (
            "kits/cmsis-pack/dalloc.dalloc.pdsc", "condition id=\"Cortex-M7\"", "condition id=\"M7\"",
            "no condition Cortex-M7"
        ),
    ])
    func whatIsWrongInAManifestIsFound(file: String, good: String, bad: String, found: String) async throws {
        let release = try await KitRelease.shared().copy(in: scratch)
        let text = try String(contentsOfFile: release[file], encoding: .utf8)
        #expect(text.contains(good))
        try text.replacing(good, with: bad).write(toFile: release[file], atomically: true, encoding: .utf8)
        let finished = try await manifests(release)
        #expect(finished.status == 1 && finished.text.contains(found), "\(finished.text)")
    }

    @Test func aPackIsTheSameTwice() async throws {
        let release = try await KitRelease.shared()
        var packs: [Data] = []
        for folder in ["first", "second"] {
            try await Command([release["kits/cmsis-pack/make-pack.py"], scratch[folder]]).succeed()
            packs.append(try Data(contentsOf: scratch.url.appending(path: "\(folder)/dalloc.dalloc.1.2.3.pack")))
        }
        #expect(packs[0] == packs[1] && packs[0].count > 10_000)
    }

    // MARK: Zephyr

    /// Reads a Kconfig as `configuration` sets it. Leaves what comes out as `name`.config and `name`.h.
    private func kconfig(
        _ standIn: String, _ kit: String, _ name: String, _ configuration: String, _ environment: [String] = []
    ) async throws -> Command.Finished {
        try await KitPython.check(
            "kconfig.py", ["\(Self.standIns)/\(standIn)/Kconfig", kit + "/Kconfig", scratch[name], configuration],
            ["MODULE=\(kit)", "COMPONENT=\(kit)", "RISCV_BOARD=n", "IDF_TARGET=esp32c3"] + environment
        ).run()
    }

    private func buildZephyr(_ release: KitRelease, _ extra: String, _ options: [String]) async throws
        -> Command.Finished
    {
        let kit = release["kits/zephyr"]
        let sample = kit + "/samples/heap_monitor"
        let text = try String(contentsOfFile: sample + "/prj.conf", encoding: .utf8) + extra
        let configured = try await kconfig("zephyr", kit, "sample", scratch.write(text, to: "prj.conf"))
        #expect(configured.status == 0, "\(configured.text)")
        let finished = try await configure(
            "zephyr",
            [
                "-DDOTCONFIG=" + scratch["sample.config"], "-DAUTOCONF=" + scratch["sample.h"], "-DMODULE=" + kit,
                "-DSAMPLE=" + sample, "-DMEMORY=" + release["ports/memory.c"],
            ] + options
        ).run()
        if finished.status == 0 { try await Command(["cmake", "--build", scratch["build"]]).succeed() }
        return finished
    }

    @Test(arguments: [
        "", "CONFIG_HEAP_MEM_POOL_SIZE=4096\nCONFIG_DALLOC_WATCH_SYSTEM_HEAP=y\n",
        "CONFIG_HWINFO=y\nCONFIG_DALLOC_DEVICE_ID=\"\"\n",
        "CONFIG_DALLOC_MUTEX=n\n",
    ])
    func theSampleForZephyrIsBuiltAsItIsConfigured(extra: String) async throws {
        let release = try await KitRelease.shared()
        let finished = try await buildZephyr(release, extra, [arm(release)])
        #expect(finished.status == 0, "\(finished.text)")
    }

    @Test func aHeapOfZephyrNeedsNoAgent() async throws {
        let release = try await KitRelease.shared()
        let kit = release["kits/zephyr"]
        let settings = try scratch.write("CONFIG_DALLOC=y\nCONFIG_DALLOC_ALLOCATOR_ONLY=y\n", to: "prj.conf")
        #expect(try await kconfig("zephyr", kit, "alone", settings).status == 0)
        try await build(
            "zephyr",
            [
                "-DDOTCONFIG=" + scratch["alone.config"], "-DAUTOCONF=" + scratch["alone.h"], "-DMODULE=" + kit,
                "-DSAMPLE=" + kit + "/samples/heap_monitor", "-DMEMORY=" + release["ports/memory.c"], arm(release),
            ])
    }

    @Test func theModuleRunsOnAKernelThatStandsIn() async throws {
        let release = try await KitRelease.shared()
        let kit = release["kits/zephyr"]
        let folder = Self.standIns + "/zephyr"
        let settings = """
            CONFIG_DALLOC=y
            CONFIG_SERIAL=y
            CONFIG_HWINFO=y
            CONFIG_TEST_RANDOM_GENERATOR=y
            CONFIG_HEAP_MEM_POOL_SIZE=1024
            CONFIG_DALLOC_WATCH_SYSTEM_HEAP=y
            CONFIG_DALLOC_HEAP_NAME="the main one"

            """
        #expect(try await kconfig("zephyr", kit, "host", scratch.write(settings, to: "prj.conf")).status == 0)
        let sources = ["heap", "agent", "uart"].map { "\(kit)/src/dalloc_zephyr_\($0).c" }
        try await run(
            release, ["gcc", "-std=gnu11"],
            sources + [
                release["ports/dalloc_mutex_zephyr.c"], release["hooks/zephyr/dalloc_watch_zephyr.c"],
                folder + "/stand_in.c",
                folder + "/test.c",
            ],
            Self.sizes + [
                "-imacros", scratch["host.h"], "-I" + folder, "-I\(Self.standIns)/../Hooks/zephyr", "-I\(kit)/include",
                "-I" + release["hooks/zephyr"],
            ])
    }

    @Test func aKconfigWithoutHelpOrWithAWrongValueIsFound() async throws {
        let release = try await KitRelease.shared().copy(in: scratch)
        let kit = release["kits/zephyr"]
        let wrong = try scratch.write(
            "CONFIG_DALLOC=y\nCONFIG_DALLOC_RECORDER_BYTES=10\nCONFIG_DALLOC_HEEP=y\n", to: "prj.conf")
        let values = try await kconfig("zephyr", kit, "wrong", wrong)
        #expect(values.status == 1)
        #expect(values.text.contains("DALLOC_RECORDER_BYTES") && values.text.contains("DALLOC_HEEP"), "\(values.text)")
        let text = try String(contentsOfFile: kit + "/Kconfig", encoding: .utf8)
        let bad = text + "\nconfig DALLOC_MORE\n\tint \"More\"\n\tdefault 1\n\nconfig OTHER\n\tbool\n"
        try bad.write(toFile: kit + "/Kconfig", atomically: true, encoding: .utf8)
        let help = try await kconfig("zephyr", kit, "bad", scratch.write("CONFIG_DALLOC=y\n", to: "prj.conf"))
        #expect(help.status == 1)
        #expect(
            help.text.contains("DALLOC_MORE has no help") && help.text.contains("OTHER has no prompt"), "\(help.text)")
    }

    /// Configurations of Zephyr, and the folder that each leads to, or a word of why none does.
    @Test func eachProcessorOfZephyrLeadsToItsArchive() async throws {
        let release = try await KitRelease.shared()
        let riscv = ["CONFIG_RISCV", "CONFIG_RISCV_ISA_EXT_M", "CONFIG_RISCV_ISA_EXT_C"]
        let cases: [([String], String)] = [
            (["CONFIG_CPU_CORTEX_M0PLUS"], "cortex-m0plus"), (["CONFIG_CPU_CORTEX_M3"], "cortex-m3"),
            (["CONFIG_CPU_CORTEX_M4"], "cortex-m4"), (["CONFIG_CPU_CORTEX_M7"], "cortex-m7"),
            (["CONFIG_CPU_CORTEX_M33"], "cortex-m33"), (["CONFIG_CPU_CORTEX_M55"], "cortex-m33"), (riscv, "rv32imc"),
            (riscv + ["CONFIG_RISCV_ISA_EXT_A"], "rv32imac"), (riscv + ["CONFIG_64BIT"], "RV32I"),
            (riscv + ["CONFIG_FLOAT_HARD"], "CONFIG_FLOAT_HARD=n"), (["CONFIG_RISCV"], "extensions M and C"),
            (["CONFIG_X86"], "no archive"),
        ]
        var script = "include(\(release["kits/zephyr/target.cmake"]))\n"
        for (symbols, expected) in cases {
            script += symbols.map { "set(\($0) y)\n" }.joined()
            script += """
                dalloc_zephyr_target(target reason)
                if(NOT "${target}" STREQUAL "\(expected)" AND NOT reason MATCHES "\(expected)")
                    message(SEND_ERROR "\(symbols) lead to '${target}': ${reason}")
                endif()

                """
            script += symbols.map { "unset(\($0))\n" }.joined()
        }
        try await Command(["cmake", "-P", scratch.write(script, to: "cases.cmake")]).succeed()
    }

    // MARK: ESP-IDF

    @Test(arguments: ["", "CONFIG_DALLOC_WATCH_HEAPS=y\n", "CONFIG_DALLOC_HEAP_BYTES=64\n"])
    func theExampleForESPIDFIsBuiltAsItIsConfigured(extra: String) async throws {
        let release = try await KitRelease.shared()
        let kit = release["kits/esp-idf/dalloc"]
        let example = release["kits/esp-idf/examples/heap_monitor"]
        let text = try String(contentsOfFile: example + "/sdkconfig.defaults", encoding: .utf8) + extra
        let configured = try await kconfig("esp-idf", kit, "sdkconfig", scratch.write(text, to: "defaults"))
        #expect(configured.status == 0, "\(configured.text)")
        try await build(
            "esp-idf",
            [
                "-DCMAKE_SYSTEM_NAME=Generic", "-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY",
                "-DCMAKE_C_COMPILER=riscv64-unknown-elf-gcc",
                "-DCMAKE_C_FLAGS=-march=rv32imc -mabi=ilp32 -ffreestanding -Os",
                "-DIDF_TARGET=esp32c3", "-DDOTCONFIG=" + scratch["sdkconfig.config"], "-DCONFIGURATION=" + scratch.path,
                "-DCOMPONENT=" + kit, "-DEXAMPLE=" + example, "-DMEMORY=" + release["ports/memory.c"],
            ])
    }

    @Test func theComponentRunsOnAnRTOSThatStandsIn() async throws {
        let release = try await KitRelease.shared()
        let kit = release["kits/esp-idf/dalloc"]
        let folder = Self.standIns + "/esp-idf"
        #expect(try await kconfig("esp-idf", kit, "sdkconfig", scratch.write("", to: "defaults")).status == 0)
        let sources = ["esp_idf", "esp_idf_uart", "mutex_esp_idf"].map { "\(kit)/src/dalloc_\($0).c" }
        try await run(
            release, ["gcc", "-std=gnu11"], sources + [folder + "/stand_in.c", folder + "/test.c"],
            Self.sizes + ["-I" + scratch.path, "-I" + folder, "-I\(kit)/include"])
    }

    @Test func eachChipOfESPIDFLeadsToItsArchive() async throws {
        let release = try await KitRelease.shared()
        let cases = [
            ("esp32c3", "rv32imc"), ("esp32c2", "rv32imc"), ("esp32c6", "rv32imac"), ("esp32h2", "rv32imac"),
            ("esp32c61", "rv32imac"), ("esp32p4", "ilp32f"), ("esp32", "Xtensa"), ("esp32s3", "Xtensa"),
            ("linux", "no archive"),
        ]
        var script = "include(\(release["kits/esp-idf/dalloc/target.cmake"]))\n"
        for (chip, expected) in cases {
            script += """
                dalloc_esp_idf_target(target reason \(chip))
                if(NOT "${target}" STREQUAL "\(expected)" AND NOT reason MATCHES "\(expected)")
                    message(SEND_ERROR "\(chip) leads to '${target}': ${reason}")
                endif()

                """
        }
        try await Command(["cmake", "-P", scratch.write(script, to: "cases.cmake")]).succeed()
    }
}
