#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads a Kconfig with kconfiglib, and configures it:

  kconfig.py KCONFIG OWN_KCONFIG OUTPUT [CONFIGURATION]

Every symbol and choice that OWN_KCONFIG defines must have a prompt and a help. Each line of CONFIGURATION (prj.conf) must have its effect.
OUTPUT.config and OUTPUT.h are the result. Ends with 1 when anything is wrong."""

import sys
from pathlib import Path

import kconfiglib


def main(kconfig, own, output, configuration=None):
    tree = kconfiglib.Kconfig(kconfig, warn_to_stderr=False)
    tree.warn_assign_undef = True
    tree.warn_assign_override = tree.warn_assign_redun = False
    if configuration:
        tree.load_config(configuration)
    found = []
    count = 0
    for node in tree.node_iter():
        if Path(node.filename).resolve() != Path(own).resolve() or not isinstance(node.item, (kconfiglib.Symbol, kconfiglib.Choice)):
            continue
        count += 1
        name = node.item.name
        if not node.prompt:
            found.append(f"{name} has no prompt")
        if not (node.help or "").strip():
            found.append(f"{name} has no help")
        if isinstance(node.item, kconfiglib.Symbol) and not name.startswith("DALLOC"):
            found.append(f"{name} does not begin with DALLOC")
        # Its default must be one that the range allows, and that leads somewhere.
        if isinstance(node.item, kconfiglib.Symbol) and node.item.type in (kconfiglib.INT, kconfiglib.HEX) and node.item.visibility:
            if not node.item.str_value:
                found.append(f"{name} has no value")
    if not count:
        found.append(f"{own} defines nothing")
    tree.write_config(output + ".config")
    tree.write_autoconf(output + ".h")
    # Values are looked at when they are written.
    found += tree.warnings
    for warning in sorted(set(found)):
        print(warning, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if 4 <= len(sys.argv) <= 5 else __doc__)
