#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a CMSIS-Pack of a release:

  kits/cmsis-pack/make-pack.py FOLDER

FOLDER/dalloc.dalloc.VERSION.pack is it, for `cpackget add` or the pack manager of an IDE. It has the files that dalloc.dalloc.pdsc
names, and the licence. The same release gives the same bytes."""

import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

MOMENT = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say


def files_of(description, release):
    """Paths below the release that the description names; those of folders, too."""
    package = ElementTree.parse(description).getroot()
    names = {package.findtext("license")}
    names |= {element.get("name") for element in package.iter("file")}
    names |= {element.get("doc") for element in package.iter() if element.get("doc")}
    files = set()
    for name in names:
        path = release / name
        if name.endswith("/"):
            files |= {each for each in path.glob("*.h")}
        else:
            files.add(path)
    return sorted(files)


def make(kit, release, folder):
    description = kit / "dalloc.dalloc.pdsc"
    version = ElementTree.parse(description).find("releases/release").get("version")
    files = files_of(description, release)
    missing = [str(path) for path in files if not path.is_file()]
    if missing:
        sys.exit(f"make-pack: {release} is no whole release: it lacks {', '.join(missing)}")
    folder.mkdir(parents=True, exist_ok=True)
    pack = folder / f"dalloc.dalloc.{version}.pack"
    with zipfile.ZipFile(pack, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in [(description.name, description)] + [(str(path.relative_to(release)), path) for path in files]:
            archive.writestr(zipfile.ZipInfo(name, MOMENT), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return pack


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    here = Path(__file__).resolve().parent
    print(make(here, here.parent.parent, Path(sys.argv[1])))
