# SPDX-License-Identifier: BSD-3-Clause
"""The machine and the build a figure comes from: what decides it, nothing that names a place."""
import json
import os
import pathlib
import platform
import re
import subprocess


def first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.split("\n")[0].strip()
    except OSError:
        return ""


def cpu_model():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def caches():
    sizes = {}
    for index in sorted(pathlib.Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        kind = (index / "type").read_text().strip()
        level = (index / "level").read_text().strip()
        if kind != "Instruction":
            sizes["L" + level] = (index / "size").read_text().strip()
    return sizes


def distribution():
    text = pathlib.Path("/etc/os-release").read_text()
    found = re.search(r'PRETTY_NAME="(.*)"', text)
    return found[1] if found else "unknown"


def is_virtual():
    return "hypervisor" in pathlib.Path("/proc/cpuinfo").read_text()


def build_of(folder):
    """Compiler and kind of a meson build folder."""
    def read(name):
        return json.loads((folder / "meson-info" / name).read_text())
    options = {option["name"]: option["value"] for option in read("intro-buildoptions.json")}
    try:
        compiler = read("intro-compilers.json")["host"]["cpp"]
        compiler = f'{compiler["id"]} {compiler["version"]}'
    except (OSError, KeyError):
        compiler = first_line("c++", "--version")
    return {"compiler": compiler, "buildtype": options["buildtype"],
            "optimization": options["optimization"], "ndebug": options["b_ndebug"],
            "lto": options["b_lto"]}


def describe(build):
    huge = pathlib.Path("/sys/kernel/mm/transparent_hugepage/enabled")
    pages = re.findall(r"\[(\w+)\]", huge.read_text()) if huge.exists() else []
    return {
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "caches": caches(),
        "virtual": is_virtual(),
        "kernel": platform.release().split("-")[0],
        "distribution": distribution(),
        "transparent_hugepages": pages[0] if pages else "unknown",
        "dpdk": first_line("pkg-config", "--modversion", "libdpdk"),
        "hyperscan": first_line("pkg-config", "--modversion", "libhs"),
        "build": build_of(pathlib.Path(build)),
    }


def refuse_unoptimised(parser, build):
    """Figures of another build than this tell nothing: ends with a usage error."""
    kind = build_of(pathlib.Path(build))
    if kind["optimization"] not in ("2", "3") or not kind["lto"]:
        parser.error(f"{build} is not optimised: meson setup --buildtype=release -Db_lto=true")
