# SPDX-License-Identifier: Apache-2.0
"""No file in a stage of the collector uses a type that a later stage declares. What two stages share is in the first."""

from collections import defaultdict

from tree import Finding

ROOT = "Collector/DallocCollector"
# In the order of the flow. Files beside these folders put the stages together, and may use all of them.
STAGES = ["Model", "Ingest", "Store", "Query", "API", "Metrics"]
MODULE = "DallocCollector"


def check(tree, exempt):
    paths = tree.files(".swift", under=[ROOT])
    stage_of = {}
    for path in paths:
        folders = path.removeprefix(ROOT + "/").split("/")[:-1]
        if not folders:
            stage_of[path] = len(STAGES)
        elif folders[0] in STAGES:
            stage_of[path] = STAGES.index(folders[0])
        else:
            yield Finding(path, 1, f"{folders[0]} is no stage: put it into the order in scripts/lint/rules/stages.py")
    declared = defaultdict(list)  # of each type that other files see, where it is declared
    for path in stage_of:
        for declaration in tree.swift(path).declarations:
            if declaration.access not in ("private", "fileprivate"):
                declared[declaration.name].append(path)
    for path, stage in stage_of.items():
        source = tree.swift(path)
        own = {declaration.name for declaration in source.declarations}
        told = set()
        uses = [(use.chain, use.scopes, use.line) for use in source.uses]
        uses += [(tuple(name.split(".")), (), line) for name, line in source.extended]
        for chain, scopes, line in uses:
            for name in _meant(chain, scopes, own, declared, source.generic_names):
                first = min(declared[name], key=stage_of.get)
                if stage_of[first] > stage and name not in told:
                    told.add(name)
                    later = STAGES[stage_of[first]] if stage_of[first] < len(STAGES) else "the collector itself"
                    yield Finding(path, line, f"{STAGES[stage]} uses {name} of {later}, which comes later ({first}): "
                                  f"move what both need to {STAGES[0]}, or this to {later}")


def _meant(chain, scopes, own, declared, generic_names):
    """The types of the collector that a chain of names stands for: Outer, and Outer.Inner where that is declared elsewhere."""
    if chain[0] == MODULE:
        chain = chain[1:]
    elif chain[0] in generic_names:
        return
    if not chain:
        return
    for count in range(len(scopes), -1, -1):
        name = ".".join(scopes[:count] + chain[:1])
        if name in own and name not in declared:
            return
        if name in declared:
            break
    else:
        return
    yield name
    for part in chain[1:]:
        name = f"{name}.{part}"
        if name not in declared:
            return
        yield name
