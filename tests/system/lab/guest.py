# SPDX-License-Identifier: BSD-3-Clause
"""A server whose package cannot be installed beside Postfix: its files are laid over this machine's
root in a mount namespace of the server's side, where nobody else sees them."""
import pathlib
import subprocess
import time

from .namespaces import CannotBuild

# $1 the folder, $2 ... the command. What the overlay changes lies in memory and goes with it.
ENTER = """
set -e
cd "$1"
mount -t tmpfs tmpfs cover
mkdir cover/upper cover/work
for package in packages/*.deb; do dpkg -x "$package" cover/upper; done
rm -rf cover/upper/lib  # systemd's; it would hide the link to usr/lib
mount -t overlay overlay -o lowerdir=/,upperdir=cover/upper,workdir=cover/work root
mount --rbind /dev root/dev
mount -t proc proc root/proc
mount --bind "$1" root/mnt
cat users >> root/etc/passwd
cat groups >> root/etc/group
sed 's/:.*/:*:19000::::::/' users >> root/etc/shadow
shift
exec chroot root sh -ec "$@"
"""


class Guest:
    """`packages` by their Debian names, `users` as /etc/passwd has them; `command` is of a shell
    that finds the guest's folder at /mnt."""

    def __init__(self, side, folder, packages, users):
        self.side, self.folder = side, folder
        for name in ("", "packages", "cover", "root"):
            (folder / name).mkdir(mode=0o755)
        done = subprocess.run(["apt-get", "download", "-q", *packages], cwd=folder / "packages",
                              capture_output=True, text=True)
        if done.returncode:
            raise CannotBuild(f"apt-get download {' '.join(packages)}: {done.stderr.strip()}")
        self.put("users", "".join(f"{user}:x:{number}:{number}::/var/empty:/bin/false\n"
                                  for user, number in users.items()))
        self.put("groups", "".join(f"{user}:x:{number}:\n" for user, number in users.items()))
        self.process, self.log = None, folder / "log"

    def put(self, name, text):
        path = pathlib.Path(self.folder, name)
        path.write_text(text)
        path.chmod(0o644)

    def start(self, command):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                self.side.enter("unshare", "--mount", "--propagation", "private", "sh", "-c", ENTER,
                                "guest", str(self.folder), command),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def wait(self, probe, ports):
        """Until `probe(ports)` names no port that is silent."""
        silent = ports
        for _ in range(60):
            silent = probe(ports)
            if not silent:
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.25)
        said = " | ".join(self.log.read_text(errors="replace").splitlines()[-6:])
        raise CannotBuild(f"no answer on ports {' '.join(map(str, silent))}: {said}")
