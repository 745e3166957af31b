#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the script of the PlatformIO kit with an environment that stands in for SCons's:

  platformio.py RELEASE BOARD [OPTION=VALUE…] [-FLAG…]

BOARD is what the board says in build.cpu. It prints the archive and the sources that a project is linked with, or ends with 1 and what the
script says."""

import runpy
import sys
from pathlib import Path


class Environment(dict):
    """The calls that PlatformIO's environments answer."""

    def __init__(self, board, options, flags):
        super().__init__(CCFLAGS=flags, **({"BOARD": board} if board else {}))
        self.board, self.options, self.sources = board, options, []

    def GetProjectOption(self, name, default=None):
        return self.options.get(name, default)

    def BoardConfig(self):
        assert self.board, "Board is not defined"
        return {"build.cpu": self.board}

    def Append(self, **values):
        for key, value in values.items():
            self[key] = self.get(key, []) + value

    def BuildSources(self, variant, folder, filters):
        wanted = [each[2:-1] for each in filters if each.startswith("+<")]
        self.sources += [str(Path(folder) / each) for each in wanted]

    def Exit(self, status):
        sys.exit(status)


def main(release, board, *words):
    options = dict(word.split("=", 1) for word in words if not word.startswith("-"))
    project = Environment(board, options, [word for word in words if word.startswith("-")])
    library = Environment(board, options, [])
    script = Path(release) / "kits/platformio/dalloc.py"
    names = {"Import": lambda *_: None, "env": library, "DefaultEnvironment": lambda: project}
    runpy.run_path(str(script), names)
    for folder, name in zip(project["LIBPATH"], project["LIBS"]):
        print(Path(folder).name, name)
        assert (Path(folder) / f"lib{name}.a").is_file()
    for source in project.sources:
        print(Path(source).name)
        assert Path(source).is_file(), source
    for environment in (project, library):
        # First include, then what the archive was configured with.
        assert [Path(folder).name for folder in environment["CPPPATH"]] == ["include", Path(project["LIBPATH"][0]).name]


if __name__ == "__main__":
    main(*sys.argv[1:])
