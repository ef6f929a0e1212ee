# SPDX-License-Identifier: BSD-3-Clause
"""tcpdump on the client's end of the cable."""
import signal
import subprocess
import time

from .namespaces import CannotBuild


class Recorder:
    def __init__(self, side, capture, what=()):
        """`what` is a pcap filter in words; everything is kept without one."""
        self.capture = capture
        # -U and --immediate-mode: a packet is in the file when the client's step is over.
        self.process = subprocess.Popen(
            side.enter("tcpdump", "-i", "mail0", "-n", "-U", "--immediate-mode", "-s", "0",
                       "-B", "16384", "-Z", "root", "-w", str(capture), *what),
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
        said = self.process.stderr.readline()
        while said and b"listening on" not in said:
            said = self.process.stderr.readline()
        if not said:
            raise CannotBuild("tcpdump does not record here")

    def stop(self):
        """Ends the recording; a recording that lost packets would blame the inspector for it."""
        time.sleep(0.3)
        self.process.send_signal(signal.SIGINT)
        said = self.process.communicate(timeout=10)[1].decode()
        if "0 packets dropped by kernel" not in said:
            raise RuntimeError("tcpdump lost packets: " + said)
