# SPDX-License-Identifier: BSD-3-Clause
"""Programs beside which mailglass is put, and the command lines they are asked with.

Each is asked for the same kinds of events of the same capture: what SMTP and POP3 dialogues say, the
header of each message, and a record of each connection. A peer may lie in a folder of its own
(--root), an installed system of another release: it is then started with chroot(8)."""
import pathlib
import re
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent.parent
FIELDS = ["frame.time_epoch", "tcp.stream", "smtp.req.command", "smtp.req.parameter",
          "smtp.response.code", "smtp.rsp.parameter", "pop.request.command",
          "pop.request.parameter", "pop.response.indicator", "pop.response.description",
          "imf.from", "imf.to", "imf.subject", "imf.message_id"]
MIME = "app-layer.protocols.smtp.mime"
# What mailglass does to a body by default: encodings decoded, URLs found.
AS_WE_DO = [word for key in ("decode-base64", "decode-quoted-printable", "extract-urls")
            for word in ("--set", f"{MIME}.{key}=yes")]


class Peer:
    """A program, how it is asked, and where its events go."""

    def __init__(self, name, prefix, words, folder, output=None, judged=True):
        self.name, self.prefix, self.words = name, prefix, words
        self.folder, self.output, self.judged = folder, output, judged

    def command(self, capture):
        return [*self.prefix, *self.words(capture)]

    def events(self):
        """Lines by kind, of a log of one JSON object a line."""
        kinds = {}
        if self.output is None or not self.output.exists():
            return kinds
        with open(self.output, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                found = re.search(r'"event_type":"(\w+)"', line)
                kinds[found[1] if found else "?"] = kinds.get(found[1] if found else "?", 0) + 1
        return kinds


class Place:
    """Where programs are looked for, and how they see the files of `folder`."""

    def __init__(self, root, folder):
        self.root, self.folder = root, folder

    def find(self, program):
        """(what to start it with, how a path is written for it); None where it is not."""
        if self.root:
            for where in ("usr/bin", "usr/sbin", "usr/local/bin", "opt/zeek/bin"):
                if (self.root / where / program).exists():
                    return (["chroot", str(self.root), f"/{where}/{program}"],
                            lambda path: "/" + str(pathlib.Path(path).relative_to(self.root)))
        path = shutil.which(program)
        return ([path], str) if path else None


def version_of(command):
    said = subprocess.run(command, capture_output=True, text=True)
    found = re.search(r"\d+\.\d+(\.\d+)+", said.stdout + said.stderr)
    return found[0] if found else "?"


def our_yaml(version, folder):
    """perf/suricata.yaml, without POP3 where Suricata does not know it (before version 8)."""
    text = (HERE / "suricata.yaml").read_text()
    if version.split(".")[0].isdigit() and int(version.split(".")[0]) < 8:
        text = re.sub(r"^ +- pop3\n", "", text, flags=re.M)
        text = re.sub(r"^    pop3:\n(      .*\n)+", "", text, flags=re.M)
    path = folder / "suricata.yaml"
    path.write_text(text)
    return path


def suricata(place, folder):
    start, seen = place.find("suricata")
    version = version_of([*start, "-V"])
    yaml = our_yaml(version, folder)

    def peer(name, configuration, more):
        own = folder / re.sub(r"\W+", "-", name)
        own.mkdir()
        return Peer(f"Suricata {version}, {name}", start, lambda capture: [
            "-c", configuration, "-r", seen(capture), "-l", seen(own), "-k", "none", *more], own,
            own / "eve.json")
    one = ["--runmode", "single", "--disable-detection"]
    found = [peer("as asked of mailglass", seen(yaml), [*one, *AS_WE_DO]),
             peer("bodies not decoded", seen(yaml), one)]
    installed = (place.root or pathlib.Path("/")) / "etc/suricata/suricata.yaml"
    if installed.exists():
        found.append(peer("as installed, no rules", "/etc/suricata/suricata.yaml",
                          ["-S", "/dev/null"]))
    return found


def tshark(place, folder):
    start, seen = place.find("tshark")
    version = version_of([*start, "--version"])
    fields = [word for field in FIELDS for word in ("-e", field)]
    return [Peer(f"tshark {version}, fields of mail", start, lambda capture: [
                "-n", "-r", seen(capture), "-Y", "smtp or pop or imf", "-T", "fields", *fields],
                folder),
            Peer(f"tshark {version}, credentials", start, lambda capture: [
                "-n", "-r", seen(capture), "-q", "-z", "credentials"], folder)]


def snort(place, folder):
    start, seen = place.find("snort")
    version = version_of([*start, "-V"])
    if not version.startswith("3."):
        return []
    own = folder / "snort"
    own.mkdir()
    lua = own / "snort.lua"
    lua.write_text((HERE / "snort.lua").read_text())
    return [Peer(f"Snort {version}", start, lambda capture: [
        "-q", "-c", seen(lua), "-r", seen(capture), "-l", seen(own), "-k", "none"], own)]


def zeek(place, folder):
    start, seen = place.find("zeek")
    version = version_of([*start, "--version"])
    own = folder / "zeek"
    own.mkdir()
    return [Peer(f"Zeek {version}", start, lambda capture: [
        "-C", "-b", "-r", seen(capture), f"Log::default_logdir={seen(own)}",
        "base/protocols/conn", "base/protocols/smtp", "base/protocols/pop3"], own)]


def found(root, folder):
    """Every peer that is installed; says which are not."""
    place, peers, missing = Place(root, folder), [], []
    for program, ask in (("suricata", suricata), ("tshark", tshark), ("snort", snort),
                         ("zeek", zeek)):
        of = ask(place, folder) if place.find(program) else []
        peers += of
        if not of:
            missing.append("snort 3" if program == "snort" else program)
    return peers, missing
