#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the repository to those of its house rules that a program can check. Takes seconds; changes nothing.

  scripts/lint/lint.py [--self-test] [RULE…]

Prints file:line: what is wrong and what to do, and ends with 1 when anything is. Without a RULE all are checked. --self-test breaks
each rule in a small made-up tree, and fails when the rule does not notice. The rules are in scripts/lint/rules, one file each."""

import argparse
import importlib
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))

import exemptions  # noqa: E402
from tree import Tree  # noqa: E402

RULES = ["stages", "modules", "types", "lengths", "licence", "links", "options", "flags", "texts"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rules", nargs="*", metavar="RULE", help=", ".join(RULES))
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    rules = arguments.rules or RULES
    if unknown := [rule for rule in rules if rule not in RULES]:
        parser.error(f"there is no rule {unknown[0]}: rules are {', '.join(RULES)}")
    if arguments.self_test:
        import self_test
        return self_test.run(rules)
    tree = Tree(Path(__file__).parents[2])
    findings = []
    for rule in rules:
        findings += importlib.import_module(f"rules.{rule}").check(tree, exemptions.OF.get(rule, {}))
    for finding in sorted(findings):
        print(finding, file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
