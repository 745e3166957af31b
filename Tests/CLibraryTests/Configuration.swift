// SPDX-License-Identifier: Apache-2.0
//
// One way to configure the library, and what must hold of it then.

import Foundation
import Testing

struct Configuration: Sendable, CustomTestStringConvertible {
    let name: String
    /// What build-library.sh is told, beyond where the headers of the tests are.
    let flags: [String]
    var cStandard = "c99"
    var cppStandard = "c++11"
    /// Compilers that optimise look harder at a program, and take three times as long.
    var optimization = "-O0"
    /// What the library may ask of a program, beyond copying and clearing memory.
    var symbols: Set<String> = printing
    /// Programs give the library's flags again; else its headers know them.
    var repeatsFlags = false
    /// C files that a program is compiled with, too.
    var programs: [String] = []

    var testDescription: String { name }
    var hasDefaultHeap: Bool { flags.contains("-DUSE_SINGLE_HEAP_MEMORY") || flags.contains(Self.device) }
}

extension Configuration {
    private static let counted = #"-DDALLOC_CUSTOM_CONF_FILE="messages_conf.h""#
    private static let ownMutex = #"-DDALLOC_CUSTOM_CONF_FILE="own_mutex_conf.h""#
    private static let device = #"-DDALLOC_CUSTOM_CONF_FILE="device_conf.h""#
    private static let freeRTOS = "-DUSE_FREE_RTOS"

    /// printf without arguments may become puts, and with one character putchar.
    private static let printing: Set = ["printf", "puts", "putchar", "snprintf"]
    private static let counting: Set = ["conformance_message", "snprintf"]
    private static let posixMutex: Set = [
        "pthread_mutex_destroy", "pthread_mutex_init", "pthread_mutex_lock", "pthread_mutex_unlock",
        "pthread_mutexattr_destroy", "pthread_mutexattr_init", "pthread_mutexattr_settype",
    ]
    /// What freertos/semphr.h is made of.
    private static let freeRTOSMutex: Set = [
        "abort", "free", "malloc", "pthread_cond_destroy", "pthread_cond_init", "pthread_cond_signal",
        "pthread_cond_wait", "pthread_equal", "pthread_mutex_destroy", "pthread_mutex_init", "pthread_mutex_lock",
        "pthread_mutex_unlock", "pthread_self",
    ]
    private static let externalMutex: Set = [
        "dalloc_mutex_create", "dalloc_mutex_delete", "dalloc_mutex_lock", "dalloc_mutex_unlock",
    ]
    private static let ownMutexFunctions: Set = [
        "own_mutex_create", "own_mutex_delete", "own_mutex_lock", "own_mutex_unlock",
    ]

    /// Each value that can be chosen stands in one of them at least, and those that share code together.
    static let all: [Configuration] = [
        .byDefault,
        .init(name: "counted messages", flags: [counted], cppStandard: "c++20", symbols: counting),
        .init(
            name: "default heap", flags: [counted, "-DUSE_SINGLE_HEAP_MEMORY"], cStandard: "c11", cppStandard: "c++14",
            symbols: counting, repeatsFlags: true),
        .init(
            name: "default heap, alignment 8, POSIX threads",
            flags: [counted, "-DUSE_SINGLE_HEAP_MEMORY", "-DUSE_THREAD_SAFETY", "-DALLOCATION_ALIGNMENT_BYTES=8"],
            cStandard: "c17", cppStandard: "c++17", optimization: "-O2", symbols: counting.union(posixMutex)),
        .unaligned,
        .init(
            name: "USE_ALIGNMENT 0, call sites", flags: [counted, "-DUSE_ALIGNMENT=0", "-DDALLOC_USE_CALL_SITES"],
            cppStandard: "c++20", optimization: "-O2", symbols: counting),
        .init(
            name: "alignment 1, no fill, call sites",
            flags: [
                counted, "-DALLOCATION_ALIGNMENT_BYTES=1", "-DFILL_FREED_MEMORY_BY_NULLS=false",
                "-DDALLOC_USE_CALL_SITES",
            ], cppStandard: "c++14", symbols: counting, repeatsFlags: true),
        .init(
            name: "alignment 16, table of 65535, default heap",
            flags: [
                counted, "-DALLOCATION_ALIGNMENT_BYTES=16", "-DMAX_NUM_OF_ALLOCATIONS=65535",
                "-DUSE_SINGLE_HEAP_MEMORY",
            ], cppStandard: "c++17", symbols: counting),
        .init(
            name: "table of 65535, unaligned, no fill",
            flags: [
                counted, "-DMAX_NUM_OF_ALLOCATIONS=65535", "-DDALLOC_NO_ALIGNMENT", "-DFILL_FREED_MEMORY_BY_NULLS=0",
            ], cppStandard: "c++11", symbols: counting),
        .init(
            name: "table of 1, POSIX threads", flags: [counted, "-DMAX_NUM_OF_ALLOCATIONS=1", "-DUSE_THREAD_SAFETY"],
            cppStandard: "c++20", symbols: counting.union(posixMutex)),
        .init(
            name: "table of 1, alignment 16, default heap, call sites",
            flags: [
                counted, "-DMAX_NUM_OF_ALLOCATIONS=1", "-DALLOCATION_ALIGNMENT_BYTES=16", "-DUSE_SINGLE_HEAP_MEMORY",
                "-DDALLOC_USE_CALL_SITES",
            ], cppStandard: "c++14", symbols: counting),
        .posixThreads,
        .init(
            name: "table of 5000, FreeRTOS, no fill",
            flags: [counted, "-DMAX_NUM_OF_ALLOCATIONS=5000", freeRTOS, "-DFILL_FREED_MEMORY_BY_NULLS=false"],
            cppStandard: "c++11", symbols: counting.union(freeRTOSMutex), repeatsFlags: true),
        .init(
            name: "FreeRTOS, default heap, alignment 16, call sites",
            flags: [
                freeRTOS, "-DUSE_SINGLE_HEAP_MEMORY", "-DALLOCATION_ALIGNMENT_BYTES=16", "-DDALLOC_USE_CALL_SITES",
            ],
            cppStandard: "c++20", symbols: printing.union(freeRTOSMutex)),
        .init(
            name: "mutex macros, alignment 8", flags: [ownMutex, "-DALLOCATION_ALIGNMENT_BYTES=8"],
            cppStandard: "c++14", symbols: counting.union(ownMutexFunctions)),
        .init(
            name: "mutex macros, default heap, table of 5000, call sites",
            flags: [ownMutex, "-DUSE_SINGLE_HEAP_MEMORY", "-DMAX_NUM_OF_ALLOCATIONS=5000", "-DDALLOC_USE_CALL_SITES"],
            cppStandard: "c++17", symbols: counting.union(ownMutexFunctions), repeatsFlags: true),
        .init(
            name: "external mutex, default heap, alignment 8, call sites",
            flags: [
                counted, "-DDALLOC_EXTERNAL_MUTEX", "-DUSE_SINGLE_HEAP_MEMORY", "-DALLOCATION_ALIGNMENT_BYTES=8",
                "-DDALLOC_USE_CALL_SITES",
            ], cppStandard: "c++14", symbols: counting.union(externalMutex), programs: [posixPort]),
        .init(
            name: "a device's header", flags: [device], cppStandard: "c++11",
            symbols: counting.union(posixMutex)),
    ]

    static let byDefault = Configuration(name: "defaults", flags: [])
    static let threads = Configuration(
        name: "POSIX threads", flags: ["-DUSE_THREAD_SAFETY"], symbols: printing.union(posixMutex))
    static let posixPort = Command.repository.appending(path: "Agent/ports/dalloc_mutex_posix.c").path
    static let unaligned = Configuration(
        name: "unaligned, default heap", flags: [counted, "-DDALLOC_NO_ALIGNMENT", "-DUSE_SINGLE_HEAP_MEMORY"],
        cppStandard: "c++11", symbols: counting)
    static let posixThreads = Configuration(
        name: "table of 5000, POSIX threads", flags: ["-DMAX_NUM_OF_ALLOCATIONS=5000", "-DUSE_THREAD_SAFETY"],
        cppStandard: "c++17", optimization: "-O1", symbols: printing.union(posixMutex))
}
