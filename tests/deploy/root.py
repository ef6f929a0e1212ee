# SPDX-License-Identifier: BSD-3-Clause
"""A Debian in a folder, to install packages into."""
import pathlib
import re
import shutil
import subprocess

# What every package leaves behind, whichever it is.
NOISE = re.compile(r"^(var/lib/(dpkg|apt|systemd)|var/(log|cache)/(apt|dpkg|debconf|ldconfig|man)|"
                   r"var/lib/logrotate|var/log/(dpkg|alternatives)|proc|sys|dev|tmp|run|root)\b|"
                   r"^etc/((passwd|group|shadow|gshadow|subuid|subgid)-|ld.so.cache) ")


class Root:
    """A Debian in a folder."""

    def __init__(self, folder):
        self.folder = folder

    def run(self, *words, check=True):
        clean = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
                 "DEBIAN_FRONTEND=noninteractive"]
        ran = subprocess.run(["chroot", self.folder, *clean, *words], text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if check and ran.returncode != 0:
            raise RuntimeError(f"{' '.join(words)}: {ran.stdout}")
        return ran

    def apt(self, *words):
        return self.run("apt-get", "-y", "-q", "--no-install-recommends",
                        "-o", "Dpkg::Options::=--force-confdef",
                        "-o", "Dpkg::Options::=--force-confold", *words).stdout

    def path(self, name):
        return self.folder / name

    def files(self):
        listed = subprocess.run(["find", ".", "-xdev", "-printf", "%P %m %u\n"], cwd=self.folder,
                                text=True, capture_output=True, check=True).stdout
        return {line for line in listed.splitlines() if not NOISE.match(line)}

    def accounts(self):
        return self.path("etc/passwd").read_text() + self.path("etc/group").read_text()


def made(arguments, folder):
    root = Root(pathlib.Path(folder) / "root")
    if arguments.base:
        subprocess.run(["cp", "-a", arguments.base, root.folder], check=True)
    else:
        subprocess.run(["debootstrap", "--variant=minbase", arguments.release, root.folder],
                       check=True, stdout=subprocess.DEVNULL)
    return root


def put(root, file):
    shutil.copy(file, root.path("tmp"))
    return "/tmp/" + pathlib.Path(file).name
