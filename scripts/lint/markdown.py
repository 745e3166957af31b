# SPDX-License-Identifier: Apache-2.0
"""The parts of a Markdown file that rules look at."""

import re

_FENCE = re.compile(r"^\s*(```+|~~~+)\s*([\w+-]*)")
_SPAN = re.compile(r"(`+)(.+?)\1(?!`)")


class Markdown:
    """prose: (line, text) outside fences, code spans blanked; spans: (line, code); blocks: (first line, language, lines)."""

    def __init__(self, text):
        self.prose, self.spans, self.blocks, self.headings = [], [], [], []
        fence, block = None, None
        for number, line in enumerate(text.split("\n"), 1):
            match = _FENCE.match(line)
            if fence:
                if match and match.group(1).startswith(fence) and not match.group(2):
                    fence = None
                else:
                    block[2].append(line)
            elif match:
                fence, block = match.group(1), (number + 1, match.group(2), [])
                self.blocks.append(block)
            else:
                if heading := re.match(r"#{1,6}\s+(.*?)\s*#*$", line):
                    self.headings.append(heading.group(1))
                self.spans += [(number, span.group(2).strip()) for span in _SPAN.finditer(line)]
                self.prose.append((number, _SPAN.sub(lambda span: "`" + " " * (len(span.group()) - 2) + "`", line)))

    @property
    def anchors(self):
        """As GitHub makes them of headings."""
        found = {}
        for heading in self.headings:
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
            slug = re.sub(r"[^\w\- ]", "", text.lower()).strip().replace(" ", "-")
            count = found.get(slug, -1) + 1
            found[slug] = count
            if count:
                found[f"{slug}-{count}"] = 0
        return set(found)
