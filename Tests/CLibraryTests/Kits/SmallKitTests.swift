// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The kits for the Pico SDK, PlatformIO, Arduino and CMSIS-RTOS2, in the way of KitTests.
@Suite struct SmallKitTests {
    private static let sanitized = [
        "-Wall", "-Wextra", "-Werror", "-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
        "-D_GNU_SOURCE",
    ]

    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    // MARK: Pico SDK

    @Test(arguments: [("rp2040", "cortex-m0plus"), ("rp2350", "cortex-m33"), ("rp2350-arm-s", "cortex-m33")])
    func theExampleForThePicoIsBuilt(platform: String, target: String) async throws {
        let release = try await KitRelease.shared()
        let text = try await Command([
            "cmake", "-S", KitTests.standIns + "/pico", "-B", scratch["build"], "-G", "Ninja",
            "-DPICO_PLATFORM=" + platform,
            "-DKIT=" + release["kits/pico-sdk"],
            "-DCMAKE_TOOLCHAIN_FILE=" + release["kits/cmake/cortex-m4/arm-none-eabi.cmake"],
        ]).succeed()
        #expect(text.contains("the archive is that of \(target)\n"))
        try await Command(["cmake", "--build", scratch["build"]]).succeed()
    }

    @Test func anUnknownPicoIsRefused() async throws {
        let release = try await KitRelease.shared()
        let finished = try await Command([
            "cmake", "-S", KitTests.standIns + "/pico", "-B", scratch["build"], "-G", "Ninja", "-DPICO_PLATFORM=host",
            "-DKIT=" + release["kits/pico-sdk"],
        ]).run()
        #expect(finished.status != 0 && finished.text.contains("PICO_PLATFORM is 'host'"), "\(finished.text)")
    }

    @Test func allThatTheLineOfThePicoIsGivenLeavesIt() async throws {
        let release = try await KitRelease.shared()
        let kit = release["kits/pico-sdk"]
        let folder = KitTests.standIns + "/pico"
        try await Command(
            ["gcc", "-std=gnu11"] + Self.sanitized + ["-I" + folder, "-I\(kit)/include"] + release.hostFlags
                + [
                    "\(kit)/src/dalloc_pico.c", "\(kit)/src/dalloc_mutex_pico.c", folder + "/stand_in.c",
                    folder + "/test.c",
                ]
                + [release.hostArchive, "-o", scratch["program"]]
        ).succeed()
        #expect(try await Command([scratch["program"]]).succeed().hasSuffix("ok\n"))
    }

    // MARK: PlatformIO

    @Test(arguments: [
        ["cortex-m4", "cortex-m4 DallocAgent", "dalloc_mutex_none.c"],
        ["cortex-m0plus", "cortex-m0plus DallocAgent", "dalloc_mutex_none.c"],
        ["esp32c3", "rv32imc DallocAgent", "dalloc_mutex_none.c"],
        ["", "rv32imac DallocAgent", "dalloc_mutex_none.c", "-march=rv32imac_zicsr", "-mabi=ilp32"],
        [
            "cortex-m3", "cortex-m33 DallocAgent", "dalloc_mutex_freertos.c", "-mcpu=cortex-m33+nodsp",
            "custom_dalloc_mutex=freertos",
        ],
        [
            "cortex-m3", "cortex-m7 dalloc", "dalloc_mutex_none.c", "custom_dalloc_target=cortex-m7",
            "custom_dalloc_library=dalloc",
        ],
    ])
    func theScriptForPlatformIOTakesArchiveAndMutex(words: [String]) async throws {
        let release = try await KitRelease.shared()
        let check = try await KitPython.check("platformio.py", [release.folder.path, words[0]] + words.dropFirst(3))
        #expect(try await check.succeed() == "\(words[1])\n\(words[2])\n")
    }

    @Test(arguments: [
        ["avr", "Choose one of cortex-m0plus"], ["cortex-m4", "custom_dalloc_target is m9", "custom_dalloc_target=m9"],
        ["cortex-m4", "custom_dalloc_mutex is zephyr", "custom_dalloc_mutex=zephyr"],
        ["", "another ABI", "-march=rv32imafc", "-mabi=ilp32f"],
    ])
    func theScriptForPlatformIORefusesInASentence(words: [String]) async throws {
        let release = try await KitRelease.shared()
        let finished = try await KitPython.check(
            "platformio.py", [release.folder.path, words[0]] + words.dropFirst(2)
        ).run()
        #expect(finished.status == 1 && finished.text.contains(words[1]), "\(finished.text)")
    }

    // MARK: Arduino

    @Test func theSketchIsCompiledWithTheArrangedLibrary() async throws {
        let release = try await KitRelease.shared()
        try await Command([release["kits/arduino/arrange.py"], scratch.path]).succeed()
        let sources = scratch["Dalloc/src"]
        try await Command([
            "arm-none-eabi-g++", "-mcpu=cortex-m4", "-mthumb", "-std=gnu++17", "-Wall", "-Wextra", "-Werror",
            "-fno-exceptions",
            "-I\(KitTests.standIns)/arduino", "-I" + sources, "-x", "c++", "-c",
            scratch["Dalloc/examples/HeapMonitor/HeapMonitor.ino"], "-o", scratch["sketch.o"],
        ]).succeed()
        // Together with the archive, only what the core and the C library have is missing.
        let linked = try await Command([
            "arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-r", "-nostdlib", scratch["sketch.o"], "-x", "c",
            sources + "/dalloc_mutex_none.c", "-x", "none", "-L" + sources + "/cortex-m4", "-lDallocAgent", "-o",
            scratch["linked.o"],
        ]).run()
        #expect(linked.status == 0, "\(linked.text)")
        let missing = try await Command([
            "arm-none-eabi-nm", "--undefined-only", "--format=just-symbols", scratch["linked.o"],
        ]).succeed()
        #expect(
            !missing.split(separator: "\n").contains { $0.hasPrefix("dalloc") || $0.hasPrefix("heap") }, "\(missing)")
    }

    @Test func theSketchNeverMakesThePortWait() async throws {
        let release = try await KitRelease.shared()
        let kit = release["kits/arduino"]
        try await Command([
            "gcc", "-c", "-I" + release["include"], release["ports/dalloc_mutex_none.c"], "-o", scratch["mutex.o"],
        ]).succeed()
        try await Command(
            ["g++", "-std=gnu++17"] + Self.sanitized + ["-I\(KitTests.standIns)/arduino", "-I\(kit)/src"]
                + release.hostFlags
                + ["-DSKETCH=\"\(kit)/examples/HeapMonitor/HeapMonitor.ino\"", KitTests.standIns + "/arduino/test.cpp"]
                + [scratch["mutex.o"], release.hostArchive, "-o", scratch["program"]]
        ).succeed()
        #expect(try await Command([scratch["program"]]).succeed().hasSuffix("ok\n"))
    }

    // MARK: CMSIS-RTOS2

    @Test func theMutexForCMSISRTOS2IsStrictC() async throws {
        let release = try await KitRelease.shared()
        try await Command([
            "arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror",
            "-I\(KitTests.standIns)/cmsis", "-I" + release["include"], "-c",
            release["kits/cmsis-pack/dalloc_mutex_cmsis_rtos2.c"], "-o", scratch["mutex.o"],
        ]).succeed()
    }
}
