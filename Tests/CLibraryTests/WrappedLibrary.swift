// SPDX-License-Identifier: Apache-2.0
//
// A C library whose malloc the linker wraps, and what runs a program that is linked with it.

import Testing

struct WrappedLibrary: Sendable, CustomTestStringConvertible {
    let name: String
    let compiler: String
    var flags: [String] = []
    /// Of Agent/hooks/wrap.
    let options: String
    var emulator: [String] = []

    var testDescription: String { name }

    static let all = [
        WrappedLibrary(name: "glibc", compiler: "gcc", options: "picolibc.flags"),
        arm("newlib", ["--specs=rdimon.specs"], "newlib.flags"),
        arm("newlib-nano", ["--specs=nano.specs", "--specs=rdimon.specs"], "newlib.flags"),
        arm(
            "picolibc",
            [
                "--specs=picolibc.specs", "--crt0=hosted", "--oslib=semihost",
                "-Wl,--defsym=__flash=0x10000,--defsym=__flash_size=0x200000",
                "-Wl,--defsym=__ram=0x1000000,--defsym=__ram_size=0x800000",
            ], "picolibc.flags"),
    ]

    /// A board whose programs lie in RAM, and reach this machine's standard output.
    private static func arm(_ name: String, _ flags: [String], _ options: String) -> WrappedLibrary {
        WrappedLibrary(
            name: name, compiler: "arm-none-eabi-gcc",
            flags: ["-mcpu=arm926ej-s", "-marm", "-Wl,--no-warn-rwx-segments"] + flags,
            options: options,
            emulator: [
                "timeout", "60", "qemu-system-arm", "-M", "versatilepb", "-cpu", "arm926", "-m", "64M", "-nographic",
                "-audiodev", "none,id=none", "-monitor", "none", "-serial", "none", "-semihosting", "-kernel",
            ])
    }
}
