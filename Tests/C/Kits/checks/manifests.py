#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the manifests of a release's kits to their formats, and to the files that they name:

  manifests.py RELEASE VERSION ARDUINO_LIBRARY

Prints what is wrong, and ends with 1 when anything is. The formats are written from their specifications: Zephyr's module.yml and
sample.yaml, ESP-IDF's idf_component.yml, PlatformIO's library.json, Arduino's library.properties, Open-CMSIS-Pack's pdsc."""

import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import yaml

SEMANTIC = r"\d+\.\d+\.\d+"


class Check:
    def __init__(self, release, version):
        self.release, self.version, self.found = release, version, []

    def hold(self, condition, what):
        if not condition:
            self.found.append(what)

    def keys(self, what, mapping, known, required=()):
        self.hold(isinstance(mapping, dict), f"{what} is no mapping")
        for key in sorted(set(mapping) - set(known)):
            self.found.append(f"{what} has {key}, which the format does not know")
        for key in sorted(set(required) - set(mapping)):
            self.found.append(f"{what} lacks {key}")

    def file(self, what, path):
        self.hold(path.exists(), f"{what} names {path}, which is not there")

    def read(self, path):
        text = path.read_text()
        self.hold(not re.search(r"@\w+@", text), f"{path} has a place that was not filled in")
        return text

    # MARK: Zephyr

    def zephyr(self):
        kit = self.release / "kits/zephyr"
        path = kit / "zephyr/module.yml"
        module = yaml.safe_load(self.read(path))
        self.keys(path, module, ["name", "build", "tests", "samples", "boards", "blobs", "security", "package-managers", "runners"],
                  ["build"])
        build = module["build"]
        self.keys(path, build, ["cmake", "kconfig", "cmake-ext", "kconfig-ext", "depends", "settings", "sysbuild-cmake",
                                "sysbuild-kconfig"])
        self.file(path, kit / build["cmake"] / "CMakeLists.txt")
        self.file(path, kit / build["kconfig"])
        for folder in module.get("samples", []):
            self.hold(list((kit / folder).glob("*/sample.yaml")), f"{path}: there is no sample in {folder}")
        for sample in kit.glob("samples/*/sample.yaml"):
            content = yaml.safe_load(self.read(sample))
            self.keys(sample, content, ["sample", "common", "tests"], ["sample", "tests"])
            self.keys(sample, content["sample"], ["name", "description"], ["name"])
            test = ["build_only", "platform_allow", "platform_exclude", "integration_platforms", "tags", "harness", "harness_config",
                    "extra_configs", "extra_args", "depends_on", "filter", "timeout", "min_ram", "min_flash", "arch_allow"]
            self.keys(sample, content.get("common", {}), test)
            for name, each in content["tests"].items():
                self.hold(re.fullmatch(r"[\w-]+(\.[\w-]+)+", name), f"{sample}: {name} is no name of a test: section.subsection")
                self.keys(sample, each, test)
                allowed = each.get("platform_allow", [])
                self.hold(set(each.get("integration_platforms", [])) <= set(allowed), f"{sample}: {name}: integration_platforms")
                for platform in allowed:
                    self.file(sample, sample.parent / f"boards/{platform.replace('/', '_')}.overlay")
            for name in ("CMakeLists.txt", "prj.conf", "src/main.c"):
                self.file(sample, sample.parent / name)

    # MARK: ESP-IDF

    def esp_idf(self):
        path = self.release / "kits/esp-idf/dalloc/idf_component.yml"
        component = yaml.safe_load(self.read(path))
        self.keys(path, component, ["version", "description", "url", "repository", "documentation", "issues", "discussion", "license",
                                    "targets", "dependencies", "files", "maintainers", "examples", "tags"], ["version", "description"])
        self.hold(component["version"] == self.version, f"{path}: version is {component['version']}")
        self.hold(re.match(r"https?://", component["url"]), f"{path}: url is no address")
        chooser = (path.parent / "target.cmake").read_text()
        for chip in component["targets"]:
            self.hold(re.fullmatch(r"esp32\w*", chip), f"{path}: {chip} is no target")
            families = re.findall(r'MATCHES "\^esp32\(([\w|]+)\)\$"\)\s+set\(target', chooser)
            self.hold(any(chip[5:] in family.split("|") for family in families), f"{path}: target.cmake has no archive for {chip}")
        self.keys(path, component["dependencies"], ["idf"], ["idf"])

    # MARK: PlatformIO

    def platformio(self):
        path = self.release / "kits/platformio/library.json"
        library = json.loads(self.read(path))
        self.keys(path, library, ["name", "version", "description", "keywords", "authors", "homepage", "repository", "license",
                                  "frameworks", "platforms", "headers", "examples", "dependencies", "export", "build"],
                  ["name", "version", "description", "keywords", "authors", "license"])
        self.hold(re.fullmatch(r"[\w -]+", library["name"]), f"{path}: name")
        self.hold(library["version"] == self.version, f"{path}: version is {library['version']}")
        self.keys(path, library["build"], ["extraScript", "srcFilter", "srcDir", "includeDir", "flags", "unflags", "libLDFMode",
                                           "libCompatMode", "libArchive", "builder"])
        self.file(path, path.parent / library["build"]["extraScript"])
        for header in library["headers"]:
            self.file(path, self.release / "include" / header)

    # MARK: Arduino

    def arduino(self, library):
        path = library / "library.properties"
        lines = [line for line in self.read(path).splitlines() if line.strip() and not line.startswith("#")]
        fields = dict(line.split("=", 1) for line in lines)
        self.keys(path, fields, ["name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url", "architectures",
                                 "depends", "dot_a_linkage", "includes", "precompiled", "ldflags"],
                  ["name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url", "architectures"])
        self.hold(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_. -]{0,62}", fields["name"]), f"{path}: name")
        self.hold(fields["version"] == self.version, f"{path}: version is {fields['version']}")
        self.hold(fields["sentence"].endswith("."), f"{path}: sentence is none")
        categories = ["Display", "Communication", "Signal Input/Output", "Sensors", "Device Control", "Timing", "Data Storage",
                      "Data Processing", "Other"]
        self.hold(fields["category"] in categories, f"{path}: category")
        # The mutex comes as a source, which `full` would leave out.
        self.hold(fields["precompiled"] == "true", f"{path}: precompiled")
        for header in fields["includes"].split(","):
            self.file(path, library / "src" / header)
        archive = "lib" + fields["ldflags"].removeprefix("-l") + ".a"
        mcus = [folder for folder in (library / "src").iterdir() if folder.is_dir()]
        self.hold(len(mcus) >= 9, f"{library}: has archives for {len(mcus)} processors only")
        for folder in mcus:
            self.file(path, folder / archive)
        self.file(path, library / "src/dalloc_library_conf.h")
        for sketch in library.glob("examples/*"):
            self.file(path, sketch / f"{sketch.name}.ino")

    # MARK: CMSIS-Pack

    def cmsis_pack(self):
        path = self.release / "kits/cmsis-pack/dalloc.dalloc.pdsc"
        package = ElementTree.fromstring(self.read(path))
        self.hold(package.tag == "package" and package.get("schemaVersion"), f"{path}: is no package")
        for name in ("vendor", "name", "description", "url", "license"):
            self.hold((package.findtext(name) or "").strip(), f"{path}: lacks {name}")
        name = f"{package.findtext('vendor')}.{package.findtext('name')}.pdsc"
        self.hold(path.name == name, f"{path}: must be called {name}")
        self.file(path, self.release / package.findtext("license"))
        versions = [release.get("version") for release in package.iterfind("releases/release")]
        self.hold(versions and versions[0] == self.version and all(re.fullmatch(SEMANTIC, each) for each in versions), f"{path}: releases")
        conditions = [each.get("id") for each in package.iterfind("conditions/condition")]
        self.hold(len(conditions) == len(set(conditions)), f"{path}: two conditions have one id")
        used = {each.get("condition") for each in package.iter() if each.get("condition")}
        for each in sorted(used - set(conditions)):
            self.found.append(f"{path}: there is no condition {each}")
        for each in sorted(set(conditions) - used):
            self.found.append(f"{path}: nothing uses the condition {each}")
        components = package.findall("components/component")
        known = {(each.get("Cclass"), each.get("Cgroup")) for each in components}
        for each in [*package.iter("require"), *package.iter("accept")]:
            if each.get("Cclass") == "Dalloc":
                self.hold((each.get("Cclass"), each.get("Cgroup")) in known, f"{path}: there is no component {each.get('Cgroup')}")
        seen = set()
        for component in components:
            identity = tuple(component.get(key) for key in ("Cclass", "Cgroup", "Csub", "Cvariant"))
            self.hold(identity not in seen, f"{path}: {identity} is there twice")
            seen.add(identity)
            self.hold(component.get("Cversion") == self.version, f"{path}: Cversion of {identity}")
            self.hold(component.findtext("description"), f"{path}: {identity} has no description")
            cores = {}
            for file in component.iterfind("files/file"):
                name, category = file.get("name"), file.get("category")
                self.file(path, self.release / name)
                self.hold(category in ("include", "header", "source", "library", "doc"), f"{path}: category of {name}")
                self.hold((category == "include") == name.endswith("/"), f"{path}: {name} is a folder, or is none")
                if file.get("condition"):
                    cores.setdefault(file.get("condition"), set()).add(Path(name).parent.name if category == "library" else Path(name).name)
            # An archive and its configuration come from the same folder.
            for core, folders in cores.items():
                self.hold(len(folders) == 1, f"{path}: {core} of {identity} has files of {sorted(folders)}")


def main(release, version, arduino):
    check = Check(Path(release), version)
    for kit in (check.zephyr, check.esp_idf, check.platformio, lambda: check.arduino(Path(arduino)), check.cmsis_pack):
        try:
            kit()
        except (AttributeError, KeyError, TypeError) as error:
            check.found.append(f"what is missing was needed: {error!r}")
    for each in check.found:
        print(each, file=sys.stderr)
    return 1 if check.found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) == 4 else __doc__)
