# SPDX-License-Identifier: Apache-2.0
"""Options in Markdown and in examples of help texts exist, in the program that they are shown with; those of the programs are
told somewhere. So are targets and variables of make."""

import posixpath
import re

from markdown import Markdown
from programs import Programs
from tree import Finding

_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")
_LANGUAGES = {"", "sh", "bash", "shell", "console", "text", "make"}
# Of other programs, where a text names them alone.
FOREIGN = {"--build-tests", "--filter", "--skip-build", "--strict", "--std", "--gc-sections", "--specs", "--help", "--version",
           "--no-parallel", "--no-install-recommends", "--privileged", "--rm"}
# A history names what there was.
HISTORY = {"CHANGELOG.md"}


def check(tree, exempt):
    programs = Programs(tree)
    told = set()
    for path in tree.files(".md"):
        if path in HISTORY:
            continue
        page = Markdown(tree.text(path))
        told.update(_OPTION.findall(tree.text(path)))
        for first, language, lines in page.blocks:
            if language in _LANGUAGES:
                for number, line in _commands(first, lines):
                    yield from _line(programs, path, number, line)
        for number, code in page.spans:
            words = code.split()
            if _program(programs, words[0]) or words[0] == "make":
                yield from _line(programs, path, number, code)
            elif words[0].startswith("--"):
                yield from _anywhere(programs, path, number, code)
        for number, text in page.prose:
            yield from _anywhere(programs, path, number, text)
    for name, product in programs.products.items():
        for path, command in product.walk(name):
            place = f"{path} --help"
            for text in command.texts:
                for line in text.replace("\\\n", " ").split("\n"):
                    if _program(programs, line.strip().split(" ")[0]):
                        yield from _line(programs, place, 1, line.strip())
            if name in exempt:
                continue
            for option in sorted(command.shown - told):
                if option not in exempt:
                    yield Finding(place, 1, f"has {option}, which no Markdown file tells of: add it to README.md or docs/")


def _commands(first, lines):
    """The lines of a block that are typed: those with a prompt, where there is one; continued lines as one."""
    prompted = any(line.startswith("$ ") for line in lines)
    number, whole = first, ""
    for offset, line in enumerate(lines):
        if not whole:
            number = first + offset
            if prompted and not line.startswith("$ "):
                continue
        if line.endswith("\\"):
            whole += line[:-1] + " "
            continue
        yield number, (whole + line).removeprefix("$ ")
        whole = ""


def _line(programs, path, number, line):
    line = re.sub(r"(^|\s)#\s.*", "", line)
    for part in re.split(r"\|\|?|&&|;|&$|&\s|\$\(", line):
        words = [word.strip("[]()'\"`…,.:") for word in part.split()]
        while words and (re.match(r"[A-Z_]+=", words[0]) or words[0] in ("sudo", "exec", "time")):
            words.pop(0)
        if not words:
            continue
        if words[0] == "make":
            yield from _make(programs, path, number, words[1:])
        elif (known := _program(programs, words[0])) and "--" in part:
            options = known.of(words[1:])
            for option in _OPTION.findall(part):
                if option not in options:
                    yield Finding(path, number, f"{_called(known, words)} has no {option}: "
                                  f"it has {', '.join(sorted(options - {'--help', '--version'})) or 'no options'}")


def _called(known, words):
    return " ".join([words[0]] + [word for word in words[1:] if word in known.subcommands])


def _make(programs, path, number, words):
    for word in words:
        name, is_variable, _ = word.partition("=")
        if is_variable and re.fullmatch(r"[A-Z_]+", name) and name not in programs.make_variables:
            yield Finding(path, number, f"make knows no {name}")
        elif not is_variable and re.fullmatch(r"[a-z][a-z-]*", name) and name not in programs.make_targets:
            yield Finding(path, number, f"make has no target {name}: `make` lists them")
            return
        elif not is_variable and not re.fullmatch(r"[a-z][a-z-]*", name):
            return


def _program(programs, word):
    name = word.removeprefix("./")
    for prefix in (".build/release/", ".build/debug/"):
        name = name.removeprefix(prefix)
    return programs.products.get(name) or programs.scripts.get(name)


def _anywhere(programs, path, number, text):
    for option in _OPTION.findall(text):
        everywhere = [command for product in programs.products.values() for _, command in product.walk("")]
        everywhere += programs.scripts.values()
        if option not in FOREIGN and not any(option in command.options for command in everywhere):
            yield Finding(path, number, f"no program or script has {option}")
