# SPDX-License-Identifier: Apache-2.0
"""What a lint needs to know of a Swift file: its code without comments and texts, its types, the names that it uses."""

import re
from functools import cached_property
from typing import NamedTuple

_MODIFIERS = re.compile(r"(?:(?:@\w+(?:\([^()]*\))?|\b[a-z]+(?:\([a-z]+\))?)\s+)+$")
_SCOPE = re.compile(
    r"(?P<brace>[{}])|(?<![.\w])(?P<kind>struct|class|enum|actor|protocol|extension|typealias)\s+(?P<name>[A-Z_]\w*(?:\.[A-Z]\w*)*)")
_GENERICS = re.compile(r"\b(?:struct|class|enum|actor|func|subscript|init|typealias)\b[?!]?\s*[\w.]*[^\s\w(<{]*\s*<([^<>()]*)>")
_ASSOCIATED = re.compile(r"\bassociatedtype\s+(\w+)")
_NAME = re.compile(r"(?<![\w`])[A-Z]\w*")
_IMPORT = re.compile(
    r"^[ \t]*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|private|fileprivate)\s+)?"
    r"import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var)\s+)?(\w+)", re.M)


class Declaration(NamedTuple):
    name: str  # with the types around it: Outer.Inner
    kind: str
    access: str
    is_top_level: bool
    line: int


class Use(NamedTuple):
    chain: tuple  # ("Outer", "Inner") for Outer.Inner
    scopes: tuple  # the types around it, from the outermost on
    line: int


class SwiftSource:
    def __init__(self, text):
        self.text = text

    @cached_property
    def code(self):
        """The text with blanks in place of comments and of what string literals say; lines and columns stay."""
        return _code(self.text)

    def line(self, offset):
        return self.text.count("\n", 0, offset) + 1

    @cached_property
    def imports(self):
        return [(match.group(1), self.line(match.start(1))) for match in _IMPORT.finditer(self.code)]

    @cached_property
    def generic_names(self):
        """Names of generic parameters and associated types anywhere in the file: they hide types of that name."""
        names = set(_ASSOCIATED.findall(self.code))
        for match in _GENERICS.finditer(self.code):
            names.update(re.split(r"[:\s]", parameter.strip())[0] for parameter in match.group(1).split(","))
        return names

    @cached_property
    def declarations(self):
        return self._scan[0]

    @cached_property
    def extended(self):
        """What top-level extensions of the file extend."""
        return self._scan[2]

    @cached_property
    def _scan(self):
        declarations, regions, extended = [], [], []
        open_scopes, pending = [], None  # of each brace the type that it opens, or nothing
        for match in _SCOPE.finditer(self.code):
            if match.group("brace") == "{":
                open_scopes.append(pending)
                pending = None
            elif match.group("brace") == "}":
                if open_scopes:
                    open_scopes.pop()
            else:
                kind, name = match.group("kind"), match.group("name")
                around = [scope for scope in open_scopes if scope]
                full = ".".join(around + [name])
                is_top_level = not open_scopes
                line = self.line(match.start("kind"))
                if kind == "extension":
                    extended.append((name, line))
                else:
                    # A type inside a function is nobody else's.
                    is_local = None in open_scopes
                    access = "private" if is_local else self._access(match.start("kind"))
                    declarations.append(Declaration(full, kind, access, is_top_level, line))
                if kind != "typealias":
                    pending = name
            regions.append((match.end(), tuple(scope for scope in open_scopes if scope)))
        return declarations, regions, extended

    def _access(self, offset):
        before = _MODIFIERS.search(self.code, max(0, offset - 200), offset)
        words = before.group().split() if before else []
        return next((word for word in words if word in ("public", "open", "package", "private", "fileprivate")), "internal")

    @cached_property
    def uses(self):
        """Names that begin with a capital and are no member of something else."""
        found, regions, at = [], self._scan[1], 0
        declared = re.compile(r"(?:struct|class|enum|actor|protocol|typealias|associatedtype|case|import|#if|#elseif)\s+$")
        end_of_last = -1
        scopes = ()
        for match in _NAME.finditer(self.code):
            while at < len(regions) and regions[at][0] <= match.start():
                scopes = regions[at][1]
                at += 1
            before = self.code[max(0, match.start() - 40):match.start()]
            if match.start() < end_of_last or before.rstrip().endswith(".") or declared.search(before):
                continue
            chain = [match.group()]
            end = match.end()
            while following := re.compile(r"\.([A-Z]\w*)").match(self.code, end):
                chain.append(following.group(1))
                end = following.end()
            end_of_last = end
            found.append(Use(tuple(chain), scopes, self.line(match.start())))
        return found


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


_START = re.compile(r'//|/\*|#*"""|#*"|[()]')


def _code(text):
    pieces, _ = _scan_code(text, 0, False)
    return "".join(pieces)


def _scan_code(text, start, in_interpolation):
    """The code from `start` on, to the end or to the parenthesis that closes an interpolation."""
    pieces, depth = [], 0
    while match := _START.search(text, start):
        token = match.group()
        pieces.append(text[start:match.start()])
        start = match.end()
        if token in "()":
            depth += 1 if token == "(" else -1
            if in_interpolation and depth < 0:
                return pieces, match.start()
            pieces.append(token)
        elif token == "//":
            end = text.find("\n", start)
            end = len(text) if end < 0 else end
            pieces.append(_blank(text[match.start():end]))
            start = end
        elif token == "/*":
            end, nested = start, 1
            while nested and (inner := re.compile(r"/\*|\*/").search(text, end)):
                nested += 1 if inner.group() == "/*" else -1
                end = inner.end()
            end = len(text) if nested else end
            pieces.append(_blank(text[match.start():end]))
            start = end
        else:
            inside, start = _scan_string(text, match.start(), token)
            pieces += inside
    pieces.append(text[start:])
    return pieces, len(text)


def _scan_string(text, start, opening):
    """Blanks for a string literal, and code for what is interpolated in it."""
    hashes = "#" * opening.count("#")
    quotes = opening.strip("#")
    escape = "\\" + hashes
    stop = re.compile("|".join([re.escape(escape) + r"\(", re.escape(escape) + ".", re.escape(quotes + hashes)]
                               + ([] if quotes == '"""' else ["\n"])), re.S)
    pieces, at = [_blank(opening)], start + len(opening)
    while match := stop.search(text, at):
        pieces.append(_blank(text[at:match.start()]))
        at = match.end()
        if match.group() == escape + "(":
            pieces.append(" " * (len(escape)) + "(")
            inside, at = _scan_code(text, at, True)
            pieces += inside + [")"]
            at += 1
        elif match.group() in (quotes + hashes, "\n"):
            pieces.append(_blank(match.group()))
            return pieces, at
        else:
            pieces.append(_blank(match.group()))
    return pieces + [_blank(text[at:])], len(text)
