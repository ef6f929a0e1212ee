# SPDX-License-Identifier: BSD-3-Clause
"""Two unnamed network namespaces joined by a veth pair.

A namespace lives as long as its holder process. Nothing is given a name on the host, so nothing
can collide and nothing can be left behind: when the holder dies, even because we were killed, the
kernel takes the namespace, both ends of the pair and every process of the server side with it.
"""
import subprocess
import time

CLIENT4, SERVER4 = "192.0.2.10", "192.0.2.25"
CLIENT6, SERVER6 = "2001:db8::10", "2001:db8::25"
# More machines behind the same client card: a second user, and one who means no good.
NEIGHBOUR4, STRANGER4 = "192.0.2.11", "192.0.2.66"
CLIENT_MAC, SERVER_MAC = "02:00:00:00:00:01", "02:00:00:00:00:02"


class CannotBuild(Exception):
    """The machine does not allow what the lab needs; the message says which step."""


class Side:
    """A namespace held open by a sleeping process; `own_pids` makes its processes die with it."""

    def __init__(self, own_pids):
        pids = ["--pid", "--fork", "--kill-child"] if own_pids else []
        self.own_pids = own_pids
        self.holder = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "--uts", *pids,
             "sleep", "infinity"],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)

    def wait_until_separate(self):
        """unshare works after exec, so the namespace appears a moment after the process."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            if self.holder.poll() is not None:
                raise CannotBuild("unshare: " + self.holder.stderr.read().decode().strip())
            if self._link("net") != _own_link("net"):
                if not self.own_pids or self._link("pid_for_children") != _own_link("pid"):
                    return
            time.sleep(0.02)
        raise CannotBuild("no namespace appeared within 5 s")

    def _link(self, kind):
        try:
            return subprocess.check_output(["readlink", f"/proc/{self.holder.pid}/ns/{kind}"])
        except subprocess.CalledProcessError:
            return _own_link("pid" if kind == "pid_for_children" else kind)

    def enter(self, *command):
        """The command line that runs `command` inside."""
        ns = f"/proc/{self.holder.pid}/ns"
        pid = [f"--pid={ns}/pid_for_children"] if self.own_pids else []
        return ["nsenter", f"--net={ns}/net", f"--uts={ns}/uts", *pid, "--", *command]

    def do(self, *command):
        """Runs a set-up command inside; its failure means that the lab cannot be built here."""
        done = subprocess.run(self.enter(*command), capture_output=True, text=True)
        if done.returncode:
            raise CannotBuild(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")

    def close(self):
        self.holder.kill()
        self.holder.wait()
        self.holder.stderr.close()


def _own_link(kind):
    return subprocess.check_output(["readlink", f"/proc/self/ns/{kind}"])


class Wire:
    """The client's side, the server's side, and the cable."""

    def __init__(self):
        self.sides = []
        try:
            self.client, self.server = self._hold(False), self._hold(True)
            self._plug()
        except FileNotFoundError as missing:
            self.close()
            raise CannotBuild(f"{missing.filename} is not installed") from missing
        except BaseException:
            self.close()
            raise

    def _hold(self, own_pids):
        side = Side(own_pids)
        self.sides.append(side)
        side.wait_until_separate()
        return side

    def _plug(self):
        self._lay_cable()
        for side, name, four, six in ((self.client, "client.example.net", CLIENT4, CLIENT6),
                                      (self.server, "mail.example.org", SERVER4, SERVER6)):
            # Dovecot and swaks tell the machine's name; a recording should not hold that of a host.
            side.do("hostname", name)
            # The capture should show what a real wire shows: whole checksums, frames of the MTU.
            side.do("ethtool", "-K", "mail0", "tx", "off", "tso", "off", "gso", "off", "gro", "off")
            side.do("ip", "address", "add", f"{four}/24", "dev", "mail0")
            side.do("ip", "address", "add", f"{six}/64", "dev", "mail0", "nodad")
            side.do("ip", "link", "set", "lo", "up")
            side.do("ip", "link", "set", "mail0", "up")
        for address in (NEIGHBOUR4, STRANGER4):
            self.client.do("ip", "address", "add", f"{address}/24", "dev", "mail0")

    def _lay_cable(self):
        self.client.do("ip", "link", "add", "mail0", "address", CLIENT_MAC, "type", "veth",
                       "peer", "name", "mail0", "address", SERVER_MAC,
                       "netns", str(self.server.holder.pid))

    def close(self):
        for side in self.sides:
            side.close()
        self.sides = []


class CutWire(Wire):
    """The cable cut in two, both ends in a third namespace: nothing passes unless somebody there
    carries it from one end, `left`, to the other, `right`."""

    def _lay_cable(self):
        self.middle = self._hold(False)
        for side, mac, end in ((self.client, CLIENT_MAC, "left"),
                               (self.server, SERVER_MAC, "right")):
            self.middle.do("ip", "link", "add", end, "type", "veth", "peer", "name", "mail0",
                           "address", mac, "netns", str(side.holder.pid))
            # What this namespace's own kernel has to say is not to be carried.
            self.middle.do("sysctl", "-q", "-w", f"net.ipv6.conf.{end}.disable_ipv6=1")
            self.middle.do("ip", "link", "set", end, "arp", "off", "up")
            for what in ("tx", "tso", "gso", "gro"):
                self.middle.do("ethtool", "-K", end, what, "off")
        self.middle.do("ip", "link", "set", "lo", "up")
