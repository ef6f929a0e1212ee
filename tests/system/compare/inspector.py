# SPDX-License-Identifier: BSD-3-Clause
"""Runs `mailglass read` over a capture and keeps all that it wrote."""
import pathlib
import subprocess


class Reading:
    def __init__(self, binary, capture, folder, name, policy="redact"):
        self.policy = policy
        self.eve = pathlib.Path(folder) / f"{name}.eve.json"
        self.metrics_file = pathlib.Path(folder) / f"{name}.metrics"
        command = [str(binary), "read", str(capture), "--eve", str(self.eve),
                   "--metrics", str(self.metrics_file), "--credentials", policy]
        try:
            done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL,
                                  timeout=60)
            self.status, stdout, stderr = done.returncode, done.stdout, done.stderr
        except subprocess.TimeoutExpired as late:
            self.status, stdout, stderr = "none within 60 s", late.stdout, late.stderr
        self.transcript = (stdout or b"").decode("utf-8", "replace")
        self.complaints = (stderr or b"").decode("utf-8", "replace")
        if not self.eve.exists():
            self.eve.write_text("")

    def outputs(self):
        """Everything a stranger could read afterwards, by name."""
        metrics = self.metrics_file.read_text() if self.metrics_file.exists() else ""
        return {"event log": self.eve.read_text("utf-8", "replace"), "metrics": metrics,
                "transcript": self.transcript, "standard error": self.complaints}
