# SPDX-License-Identifier: Apache-2.0
"""Options that Markdown shows exist in the help of the program that it shows them with; and each option of a program is described."""

import json
import re
import subprocess
import sys
from pathlib import Path

from markdown import Markdown
from tree import Finding

PROGRAMS = ["dalloc-collector", "dalloc-simulator", "dalloc"]
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")
_PROGRAM = re.compile(r"(?<![\w./-])(?:\.build/\w+/)?(dalloc-collector|dalloc-simulator|dalloc)(?=\s|$)(.*)")
# Those whose options are on a page, too. The simulator's are in its help.
_DESCRIBED = ["dalloc", "dalloc-collector"]
# What other programs in examples have: swift, git, apt.
_OTHERS = {"--build-tests", "--filter", "--skip-build", "--strict", "--no-install-recommends", "--recursive", "--depth"}
# Every command has these. The last one is ArgumentParser's, and in no help.
_EVERYWHERE = {"--help", "--version", "--generate-completion-script"}


def check(tree, exempt, programs=None):
    programs = programs or {name: _help(tree, name) for name in PROGRAMS}
    known = {option for commands in programs.values() for options in commands.values() for option in options}
    scripts = {option for path in tree.files(".sh", ".py", "Makefile") for option in _OPTION.findall(tree.text(path))}
    described = set()
    for path in tree.files(".md"):
        if path == "CHANGELOG.md":
            continue
        page = Markdown(tree.text(path))
        pieces = page.spans + [(line + offset, text) for line, _, lines in page.blocks for offset, text in enumerate(lines)]
        for line, text in pieces:
            described.update(_OPTION.findall(text))
            match = _PROGRAM.search(text)
            if match and not re.search(r"[│┤]", text):
                allowed, command = _command(programs[match.group(1)], match.group(2))
                shown = f"{match.group(1)} {command}".strip()
            else:
                allowed, shown = known | scripts | _OTHERS, "any program here"
            # What follows a pipe is another program.
            for option in _OPTION.findall((match.group(2) if match else text).split("|")[0]):
                if option not in allowed | _EVERYWHERE:
                    yield Finding(path, line, f"shows {option}, which {shown} does not have: see its --help")
    for program in _DESCRIBED:
        options = {option for options in programs[program].values() for option in options}
        for option in sorted(options - described - _EVERYWHERE - set(exempt)):
            yield Finding("docs/operating.md", 1, f"does not tell of {option} of {program}, nor does another page: describe it")


def _command(commands, words):
    """The options of the command that these arguments name, and the command; without one, those of all."""
    for word in words.split():
        if word in commands:
            return commands[word] | commands[""], word
    return {option for options in commands.values() for option in options}, ""


def _help(tree, program):
    """Of each subcommand, and of the program under "", the options that its help shows."""
    binary = tree.root / ".build/debug" / program
    sources = [tree.root / path for path in tree.files(".swift", under=["Collector", "Sources"])]
    if not binary.exists() or any(path.stat().st_mtime > binary.stat().st_mtime for path in sources):
        if subprocess.run(["swift", "build", "--product", program], cwd=tree.root, stdout=sys.stderr).returncode:
            sys.exit("The options were not checked: mend the build first.")
        Path(binary).touch()
    dump = subprocess.run([binary, "--experimental-dump-help"], capture_output=True, text=True, check=True).stdout
    return dict(_commands(json.loads(dump)["command"], ""))


def _commands(command, name):
    yield name, {("--" if each["kind"] == "long" else "-") + each["name"]
                 for argument in command.get("arguments", []) if argument["shouldDisplay"]
                 for each in argument.get("names") or [] if each["kind"] == "long"}
    for inner in command.get("subcommands", []):
        if inner["commandName"] != "help":
            yield from _commands(inner, inner["commandName"])
