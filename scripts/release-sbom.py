#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the bill of materials of a release folder to stdout, in SPDX 2.3 (https://spdx.github.io/spdx-spec/v2.3/):

    scripts/release-sbom.py libraries|programs VERSION FOLDER

Each file of FOLDER with its checksums, and each package that is in them: for the programs, the Swift packages that they were built from, as
Package.resolved names them.
"""

import datetime
import hashlib
import json
import os
import sys
from pathlib import Path

# Packages by identity, where the license is not Apache-2.0. Each license was read in the package.
LICENSES = {"grdb.swift": "MIT", "swift-docc-plugin": None, "swift-docc-symbolkit": None}
SWIFT = "Apache-2.0 WITH Swift-exception"


def digests(path):
    data = path.read_bytes()
    return [
        {"algorithm": "SHA1", "checksumValue": hashlib.sha1(data).hexdigest()},
        {"algorithm": "SHA256", "checksumValue": hashlib.sha256(data).hexdigest()},
    ]


def package(name, version, license, location="NOASSERTION"):
    return {
        "SPDXID": "SPDXRef-" + "".join(letter if letter.isalnum() else "-" for letter in name),
        "name": name,
        "versionInfo": version,
        "downloadLocation": location,
        "filesAnalyzed": False,
        "licenseConcluded": license,
        "licenseDeclared": license,
        "copyrightText": "NOASSERTION",
    }


def resolved(path):
    """The Swift packages that went into the programs; tools of the build don't."""
    for pin in sorted(json.loads(path.read_text())["pins"], key=lambda pin: pin["identity"]):
        license = LICENSES.get(pin["identity"], "Apache-2.0")
        if license is not None:
            yield package(pin["identity"], pin["state"]["version"], license, "git+" + pin["location"])


def main(kind, version, folder):
    folder = Path(folder)
    day = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    ours = package("dalloc-" + kind, version, "Apache-2.0")
    others = [package("swift", os.environ.get("DALLOC_SWIFT_VERSION", "6.3"), SWIFT, "https://www.swift.org")]
    if kind == "programs":
        others += resolved(Path("Package.resolved"))
    files = []
    for number, path in enumerate(sorted(path for path in folder.rglob("*") if path.is_file())):
        files.append(
            {
                "SPDXID": f"SPDXRef-File-{number}",
                "fileName": "./" + path.relative_to(folder).as_posix(),
                "checksums": digests(path),
                "licenseConcluded": "Apache-2.0",
                "licenseInfoInFiles": ["NOASSERTION"],
                "copyrightText": "NOASSERTION",
            }
        )
    document = "SPDXRef-DOCUMENT"
    relationships = [(document, "DESCRIBES", ours["SPDXID"])]
    relationships += [(ours["SPDXID"], "CONTAINS", file["SPDXID"]) for file in files]
    relationships += [(ours["SPDXID"], "STATIC_LINK", other["SPDXID"]) for other in others]
    # Of the content, so that the same release has the same name.
    content = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
    json.dump(
        {
            "spdxVersion": "SPDX-2.3",
            "dataLicense": "CC0-1.0",
            "SPDXID": document,
            "name": f"dalloc-{kind}-{version}",
            "documentNamespace": f"https://spdx.org/spdxdocs/dalloc-{kind}-{version}-{content[:32]}",
            "creationInfo": {"created": day.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: dalloc-release"]},
            "packages": [ours] + others,
            "files": files,
            "relationships": [
                {"spdxElementId": one, "relationshipType": how, "relatedSpdxElement": other} for one, how, other in relationships
            ],
        },
        sys.stdout,
        indent=1,
    )
    print()


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ("libraries", "programs"):
        sys.exit(__doc__)
    main(*sys.argv[1:])
