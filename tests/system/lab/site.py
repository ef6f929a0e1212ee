# SPDX-License-Identifier: BSD-3-Clause
"""The whole site, up inside a `with` block and gone after it, whatever happened in between."""
import pathlib
import shutil
import subprocess
import tempfile
import time

from . import certificate
from .dovecot import Dovecot
from .namespaces import SERVER4, CannotBuild, Wire
from .postfix import Postfix

PORTS = (25, 587, 465, 2525, 2526, 110, 995, 24)

# Run in the client's namespace: prints the ports that do not answer yet. It waits until the server
# has closed too, so that no late FIN of a probe falls into a recording.
PROBE = """
import socket, sys
for port in sys.argv[2:]:
    try:
        with socket.create_connection((sys.argv[1], int(port)), 3) as line:
            line.shutdown(socket.SHUT_WR)
            while line.recv(4096):
                pass
    except OSError:
        print(port)
"""


class Site:
    """Postfix and Dovecot; or `guest`, a class of a server that takes Postfix's place alone.
    `mechanisms`: the SASL mechanisms that Dovecot offers. `wire`: makes what joins them to clients."""

    def __init__(self, guest=None, mechanisms="plain login cram-md5 apop", wire=Wire):
        self.guest_class, self.mechanisms, self.make_wire = guest, mechanisms, wire

    def __enter__(self):
        # /tmp itself and not TMPDIR: Postfix's sockets lie below, and their names have 108 bytes.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mailglass-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.wire = None
        try:
            self.wire = self.make_wire()
            pair = certificate.make(self.folder)
            self.certificate = pair[0]
            if self.guest_class:
                self.server = self.guest_class(self.wire.server, self.folder, *pair)
                return self
            self.postfix = Postfix(self.wire.server, self.folder, *pair)
            self.dovecot = Dovecot(self.wire.server, self.folder, *pair, self.postfix.auth_socket,
                                   self.mechanisms)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.wire:
            self.wire.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        """Dovecot first: an smtpd that finds nobody to ask for passwords is held back a minute."""
        if self.guest_class:
            self.server.start()
            self.server.guest.wait(self._silent, self.server.PORTS)
            return
        self.dovecot.start()
        self.wait((110, 24))
        self.postfix.start()
        self.wait(PORTS)

    def wait(self, ports=PORTS):
        silent = ports
        for _ in range(60):
            silent = self._silent(ports)
            if not silent:
                return
            for server in (self.postfix, self.dovecot):
                if server.process and server.process.poll() is not None:
                    raise CannotBuild(f"{type(server).__name__} ended at once: {self.logs()}")
            time.sleep(0.25)
        raise CannotBuild(f"no answer on ports {' '.join(map(str, silent))}: {self.logs()}")

    def _silent(self, ports):
        asked = self.wire.client.enter("python3", "-c", PROBE, SERVER4, *map(str, ports))
        return subprocess.run(asked, capture_output=True, text=True).stdout.split()

    def logs(self):
        """The last words of the servers, on one line."""
        texts = []
        if self.guest_class:
            return " | ".join(self.server.guest.log.read_text(errors="replace").splitlines()[-8:])
        for log in (self.postfix.log, self.dovecot.folder / "stderr", self.dovecot.log):
            if log.exists():
                texts += log.read_text(errors="replace").splitlines()[-4:]
        return " | ".join(texts)
