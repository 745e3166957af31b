#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a library for Arduino of a release:

  kits/arduino/arrange.py FOLDER

FOLDER/Dalloc is it: copy it into your sketchbook's libraries, or zip it for "Add .ZIP library". Arduino looks for an archive in
src/{build.mcu}, and finds headers in src only. So each archive goes into the folder of each name that boards have for its processor."""

import shutil
import sys
from pathlib import Path

# What boards.txt of the cores say in build.mcu.
MCUS = {
    "cortex-m0plus": ["cortex-m0", "cortex-m0plus", "cortex-m23"],
    "cortex-m3": ["cortex-m3"],
    "cortex-m4": ["cortex-m4"],
    "cortex-m7": ["cortex-m7"],
    "cortex-m33": ["cortex-m33"],
    "rv32imc": ["esp32c3"],
    "rv32imac": ["esp32c5", "esp32c6", "esp32h2"],
}
CONFIGURATION = "dalloc_library*.h"


def arrange(kit, release, folder):
    library = folder / "Dalloc"
    if library.exists():
        shutil.rmtree(library)
    source = library / "src"
    source.mkdir(parents=True)
    shutil.copy(kit / "library.properties", library)
    shutil.copytree(kit / "examples", library / "examples")
    for file in sorted([*kit.glob("src/*"), *release.glob("include/*.h"), release / "ports/dalloc_mutex_none.c"]):
        # Of a Linux machine only.
        if file.name not in ("dalloc_posix_link.h", "dalloc_file_spool.h"):
            shutil.copy(file, source)
    texts = {}  # of each header of a configuration, what it says
    for target, mcus in MCUS.items():
        archive = release / "lib" / target / "libDallocAgent.a"
        if not archive.exists():
            sys.exit(f"arrange: there is no {archive}: {release} is no whole release")
        for header in archive.parent.glob(CONFIGURATION):
            texts.setdefault(header.name, set()).add(header.read_text())
        for mcu in mcus:
            (source / mcu).mkdir()
            shutil.copy(archive, source / mcu)
    # A compiler finds one for all of them.
    for name, each in texts.items():
        if len(each) != 1:
            sys.exit(f"arrange: {name} differs between the archives, so one library can't serve all of them")
        (source / name).write_text(each.pop())
    return library


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    here = Path(__file__).resolve().parent
    print(arrange(here, here.parent.parent, Path(sys.argv[1])))
