# SPDX-License-Identifier: Apache-2.0
"""Links a PlatformIO project with the archive of the release that fits its board, and with the mutex of its RTOS.

In platformio.ini:

  lib_deps = dalloc=symlink:///path/to/dalloc-1.2.3/kits/platformio
  custom_dalloc_target = cortex-m4       ; where the board does not tell
  custom_dalloc_mutex = freertos         ; none unless it is said: none, freertos or posix
  custom_dalloc_library = agent          ; or dalloc: the allocator alone
  build_flags = -DMAX_NUM_OF_ALLOCATIONS=200 -DDALLOC_RECORDER_BYTES=512
"""

import os
import re
import sys

try:
    Import("env")  # noqa: F821: PlatformIO's
except NameError:
    env = None  # imported by something else

MUTEXES = ("none", "freertos", "posix")
LIBRARIES = {"agent": "DallocAgent", "dalloc": "dalloc"}
PROCESSORS = (
    (r"cortex-m(0|0plus|1|23)$", "cortex-m0plus"),
    (r"cortex-m3$", "cortex-m3"),
    (r"cortex-m4f?$", "cortex-m4"),
    (r"cortex-m7f?$", "cortex-m7"),
    (r"cortex-m(33|35p|52|55|85)$", "cortex-m33"),
    (r"esp32(c2|c3)$", "rv32imc"),
    (r"esp32(c5|c6|c61|h2)$", "rv32imac"),
    (r"rv32im?[a-z]*", None),
    (r"x86_64$", "x86_64-linux"),
    (r"aarch64$", "aarch64-linux"),
)


def target_of(name):
    """The folder of lib/ for a processor, a chip or an architecture; None where there is none."""
    name = re.split(r"[+.]", name.lower())[0]
    for pattern, target in PROCESSORS:
        if re.match(pattern, name):
            if target:
                return target
            letters = re.split(r"_|z", name)[0]
            return None if "c" not in letters or "m" not in letters else "rv32imac" if "a" in letters else "rv32imc"
    return None


def choose(release, wanted, names, flags):
    """The target that platformio.ini names, or else that of the flags, or of the names that the board has for its processor."""
    targets = sorted(each for each in os.listdir(os.path.join(release, "lib"))
                     if os.path.exists(os.path.join(release, "lib", each, "libdalloc.a")))
    advice = "Choose one of %s with custom_dalloc_target in platformio.ini." % ", ".join(targets)
    if wanted:
        if wanted not in targets:
            raise ValueError("custom_dalloc_target is %s, and there is no library for it. %s" % (wanted, advice))
        return wanted
    if "ilp32f" in flags or "ilp32d" in flags:
        raise ValueError("the archives for RISC-V are for -mabi=ilp32, and this board has another ABI.")
    said = re.findall(r"-m(?:cpu|arch)=([\w.+-]+)", flags)
    for name in said + [name for name in names if name]:
        target = target_of(name)
        if target in targets:
            return target
    raise ValueError("neither the flags (%s) nor the board (%s) tell of a processor that there is a library for. %s"
                     % (" ".join(said) or "none", ", ".join(filter(None, names)) or "nothing", advice))


def configure(env, project):
    """Adds folders and the archive to the library's environment and to that of the whole project."""
    # A script of PlatformIO has no __file__.
    kit = os.path.dirname(os.path.realpath(sys._getframe().f_code.co_filename))
    release = os.path.dirname(os.path.dirname(kit))
    option = project.GetProjectOption
    board = project.BoardConfig() if "BOARD" in project else {}  # the platform native has none
    flags = " ".join(str(flag) for kind in ("CCFLAGS", "CFLAGS", "ASFLAGS", "LINKFLAGS") for flag in project.get(kind, []))
    names = [board.get("build.cpu", ""), board.get("build.mcu", "")]
    target = choose(release, option("custom_dalloc_target", ""), names, flags)
    mutex = option("custom_dalloc_mutex", "none")
    library = option("custom_dalloc_library", "agent")
    if mutex not in MUTEXES:
        raise ValueError("custom_dalloc_mutex is %s: choose one of %s." % (mutex, ", ".join(MUTEXES)))
    if library not in LIBRARIES:
        raise ValueError("custom_dalloc_library is %s: choose one of %s." % (library, ", ".join(LIBRARIES)))
    folder = os.path.join(release, "lib", target)
    for each in (env, project):
        each.Append(CPPPATH=[os.path.join(release, "include"), folder])
    project.Append(LIBPATH=[folder], LIBS=[LIBRARIES[library]])
    # With the project's flags: it finds FreeRTOS.h as the project does.
    env.Append(SRC_FILTER=["-<*>"])
    project.BuildSources(os.path.join("$BUILD_DIR", "dalloc"), os.path.join(release, "ports"),
                         ["-<*>", "+<dalloc_mutex_%s.c>" % mutex])


if env is not None:
    try:
        configure(env, DefaultEnvironment())  # noqa: F821
    except ValueError as error:
        sys.stderr.write("dalloc: %s\n" % error)
        env.Exit(1)
